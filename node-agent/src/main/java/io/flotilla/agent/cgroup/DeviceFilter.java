package io.flotilla.agent.cgroup;

import io.flotilla.agent.kernel.DevicePrograms;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.oci.Resources.DeviceRule;
import io.flotilla.agent.oci.SpecException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Device rules on cgroup2, which has no files for them: an eBPF program that decides as the files of cgroup v1 do. For each
 * kind of access (read, write, make) the last rule that names it and the device counts; what no rule names is allowed.
 */
final class DeviceFilter {

    /** One eBPF instruction (RFC 9669); the jumps' offsets count instructions from the next one on. */
    record Instruction(int opcode, int destination, int source, int offset, int immediate) {}

    private static final int LOAD_WORD = 0x61;
    private static final int MOVE = 0xbf;
    private static final int SET = 0xb7;
    private static final int AND = 0x57;
    private static final int SHIFT_RIGHT = 0x77;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_UNLESS_EQUAL = 0x55;
    private static final int EXIT = 0x95;

    // Registers: the verdict, and the kernel's struct bpf_cgroup_dev_ctx, of which the rest holds the parts.
    private static final int VERDICT = 0;
    private static final int CONTEXT = 1;
    private static final int TYPE = 2;
    private static final int ASKED = 3;
    private static final int MAJOR = 4;
    private static final int MINOR = 5;

    private static final int BLOCK = 1;
    private static final int CHARACTER = 2;

    private static final int INSTRUCTION_BYTES = 8;

    private DeviceFilter() {}

    static void attach(Path group, List<DeviceRule> rules) {
        List<Instruction> program = program(rules);
        ByteBuffer bytes =
                ByteBuffer.allocate(program.size() * INSTRUCTION_BYTES).order(ByteOrder.nativeOrder());
        for (Instruction each : program) {
            bytes.put((byte) each.opcode)
                    .put((byte) (each.destination | each.source << 4))
                    .putShort((short) each.offset)
                    .putInt(each.immediate);
        }
        try {
            DevicePrograms.attach(group.toString(), bytes.array());
        } catch (KernelException e) {
            throw new CgroupException("filter devices in", group, e);
        }
    }

    /** @throws SpecException naming the field */
    static List<Instruction> program(List<DeviceRule> rules) {
        List<Instruction> program = new ArrayList<>(List.of(
                new Instruction(LOAD_WORD, TYPE, CONTEXT, 0, 0),
                new Instruction(MOVE, ASKED, TYPE, 0, 0),
                new Instruction(AND, TYPE, 0, 0, 0xffff),
                new Instruction(SHIFT_RIGHT, ASKED, 0, 0, 16),
                new Instruction(LOAD_WORD, MAJOR, CONTEXT, 4, 0),
                new Instruction(LOAD_WORD, MINOR, CONTEXT, 8, 0)));
        for (int i = rules.size() - 1; i >= 0; i--) {
            program.addAll(rule("linux.resources.devices[" + i + "]", rules.get(i)));
        }
        program.addAll(end(1));
        return program;
    }

    /** A condition that does not hold jumps over the rest of its rule. */
    private static List<Instruction> rule(String field, DeviceRule rule) {
        List<Instruction> verdict = verdict(rule.allow(), access(field, rule.access()));
        List<Instruction> all = new ArrayList<>(verdict);
        condition(all, MINOR, rule.minor());
        condition(all, MAJOR, rule.major());
        condition(all, TYPE, type(field, rule.type()));
        return all;
    }

    private static void condition(List<Instruction> rest, int register, @Nullable Long wanted) {
        if (wanted != null && wanted >= 0) {
            rest.addFirst(new Instruction(JUMP_UNLESS_EQUAL, register, 0, rest.size(), wanted.intValue()));
        }
    }

    /** What is allowed is struck off what is asked; nothing left means yes. Anything asked that is denied means no. */
    private static List<Instruction> verdict(boolean allow, int access) {
        List<Instruction> steps = new ArrayList<>();
        if (allow) {
            steps.add(new Instruction(AND, ASKED, 0, 0, ~access));
            steps.add(new Instruction(JUMP_UNLESS_EQUAL, ASKED, 0, 2, 0));
        } else {
            steps.add(new Instruction(MOVE, VERDICT, ASKED, 0, 0));
            steps.add(new Instruction(AND, VERDICT, 0, 0, access));
            steps.add(new Instruction(JUMP_IF_EQUAL, VERDICT, 0, 2, 0));
        }
        steps.addAll(end(allow ? 1 : 0));
        return steps;
    }

    private static List<Instruction> end(int verdict) {
        return List.of(new Instruction(SET, VERDICT, 0, 0, verdict), new Instruction(EXIT, 0, 0, 0, 0));
    }

    private static @Nullable Long type(String field, @Nullable String type) {
        return switch (type) {
            case null -> null;
            case "a" -> null;
            case "b" -> (long) BLOCK;
            case "c" -> (long) CHARACTER;
            default -> throw new SpecException(field + ".type", "\"" + type + "\" must be a, b or c");
        };
    }

    private static int access(String field, @Nullable String access) {
        int bits = 0;
        for (char kind : (access == null ? "rwm" : access).toCharArray()) {
            int bit = "mrw".indexOf(kind);
            if (bit < 0) {
                throw new SpecException(field + ".access", "\"" + access + "\" must be made of r, w and m");
            }
            bits |= 1 << bit;
        }
        return bits;
    }
}
