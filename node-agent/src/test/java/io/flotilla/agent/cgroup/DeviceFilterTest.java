package io.flotilla.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.agent.cgroup.DeviceFilter.Instruction;
import io.flotilla.agent.oci.Resources.DeviceRule;
import io.flotilla.agent.oci.SpecException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceFilterTest {

    private static final DeviceRule NOTHING = new DeviceRule(false, "a", null, null, "rwm");
    private static final DeviceRule NULL = new DeviceRule(true, "c", 1L, 3L, "rw");

    private static final int MAKE = 1;
    private static final int READ = 2;
    private static final int WRITE = 4;

    @Test
    void asksTheLastRuleFirst() {
        assertThat(DeviceFilter.program(List.of(NOTHING, NULL)))
                .containsExactly(
                        new Instruction(0x61, 2, 1, 0, 0), // type and access
                        new Instruction(0xbf, 3, 2, 0, 0),
                        new Instruction(0x57, 2, 0, 0, 0xffff),
                        new Instruction(0x77, 3, 0, 0, 16),
                        new Instruction(0x61, 4, 1, 4, 0), // major
                        new Instruction(0x61, 5, 1, 8, 0), // minor
                        new Instruction(0x55, 2, 0, 6, 2), // a character device
                        new Instruction(0x55, 4, 0, 5, 1), // 1:
                        new Instruction(0x55, 5, 0, 4, 3), // 3
                        new Instruction(0x57, 3, 0, 0, ~6), // without r and w
                        new Instruction(0x55, 3, 0, 2, 0), // nothing is left
                        new Instruction(0xb7, 0, 0, 0, 1),
                        new Instruction(0x95, 0, 0, 0, 0),
                        new Instruction(0xbf, 0, 3, 0, 0), // of any device
                        new Instruction(0x57, 0, 0, 0, 7),
                        new Instruction(0x15, 0, 0, 2, 0), // something is left
                        new Instruction(0xb7, 0, 0, 0, 0),
                        new Instruction(0x95, 0, 0, 0, 0),
                        new Instruction(0xb7, 0, 0, 0, 1),
                        new Instruction(0x95, 0, 0, 0, 0));
    }

    @Test
    void allowsWhatTheLastRuleForEachKindOfAccessAllows() {
        List<DeviceRule> rules = List.of(NOTHING, NULL, new DeviceRule(false, "c", 1L, null, "w"));
        assertThat(allows(List.of(), 'b', 8, 0, READ | WRITE | MAKE)).isTrue();
        assertThat(allows(List.of(NOTHING), 'c', 1, 3, READ)).isFalse();
        assertThat(allows(List.of(NOTHING, NULL), 'c', 1, 3, READ | WRITE)).isTrue();
        assertThat(allows(List.of(NOTHING, NULL), 'c', 1, 3, READ | MAKE)).isFalse();
        assertThat(allows(List.of(NOTHING, NULL), 'c', 1, 5, READ)).isFalse();
        assertThat(allows(List.of(NOTHING, NULL), 'b', 1, 3, READ)).isFalse();
        assertThat(allows(List.of(NULL, NOTHING), 'c', 1, 3, READ)).isFalse();
        assertThat(allows(rules, 'c', 1, 3, READ)).isTrue();
        assertThat(allows(rules, 'c', 1, 3, READ | WRITE)).isFalse();
        assertThat(allows(List.of(NOTHING, new DeviceRule(true, "c", 136L, -1L, null)), 'c', 136, 9, READ | WRITE))
                .isTrue();
    }

    @Test
    void namesTheFieldOfARuleThatMakesNoSense() {
        assertThatThrownBy(() -> DeviceFilter.program(List.of(NOTHING, new DeviceRule(true, "p", 1L, 3L, "r"))))
                .isInstanceOf(SpecException.class)
                .hasMessage("linux.resources.devices[1].type: \"p\" must be a, b or c");
        assertThatThrownBy(() -> DeviceFilter.program(List.of(new DeviceRule(true, "c", 1L, 3L, "rx"))))
                .isInstanceOf(SpecException.class)
                .hasMessage("linux.resources.devices[0].access: \"rx\" must be made of r, w and m");
    }

    /** Runs the program as the kernel would. */
    private static boolean allows(List<DeviceRule> rules, char type, int major, int minor, int access) {
        List<Instruction> program = DeviceFilter.program(rules);
        long[] context = {access << 16 | (type == 'b' ? 1 : 2), major, minor};
        long[] registers = new long[6];
        for (int at = 0; ; at++) {
            Instruction now = program.get(at);
            int to = now.destination();
            long value = now.immediate();
            switch (now.opcode()) {
                case 0x61 -> registers[to] = context[now.offset() / 4];
                case 0xbf -> registers[to] = registers[now.source()];
                case 0xb7 -> registers[to] = value;
                case 0x57 -> registers[to] &= value;
                case 0x77 -> registers[to] >>>= value;
                case 0x15 -> at += registers[to] == value ? now.offset() : 0;
                case 0x55 -> at += registers[to] != value ? now.offset() : 0;
                case 0x95 -> {
                    return registers[0] == 1;
                }
                default -> throw new AssertionError("opcode " + now.opcode());
            }
        }
    }
}
