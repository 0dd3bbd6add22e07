package io.flotilla.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.oci.Resources;
import io.flotilla.agent.oci.SpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What every kind of host must give; each subclass brings the hierarchies. Needs root. */
@Tag("kernel")
abstract class CgroupContract {

    private static final Duration DEADLINE = Duration.ofMinutes(1);
    private static final long MIB = 1 << 20;

    private final String slice = "flotilla-spec" + UUID.randomUUID().toString().substring(0, 8) + ".slice";
    private final List<Process> started = new ArrayList<>();
    private Cgroups cgroups;

    /** The hierarchies to use; skips the test where this host does not have them. */
    abstract CgroupLayout layout();

    @BeforeEach
    void open() {
        assumeTrue(System.getProperty("user.name").equals("root"), "control groups need root");
        CgroupLayout layout = layout();
        assumeTrue(layout.missing().isEmpty(), () -> "this host lacks the controllers " + layout.missing());
        cgroups = Cgroups.open(layout, slice);
    }

    @AfterEach
    void leavesNothing() throws Exception {
        if (cgroups == null) {
            return;
        }
        cgroups.purge(DEADLINE);
        for (Process process : started) {
            process.destroyForcibly();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(groupsNamedLikeTheSlice()).isEmpty();
    }

    private List<Path> groupsNamedLikeTheSlice() throws IOException {
        List<Path> found = new ArrayList<>();
        List<Path> mounts = new ArrayList<>(layout().v1().values());
        if (layout().unified() != null) {
            mounts.add(layout().unified());
        }
        for (Path mount : mounts) {
            try (var groups = Files.list(mount)) {
                groups.filter(group -> group.getFileName().toString().startsWith(slice))
                        .forEach(found::add);
            }
        }
        return found;
    }

    /** Starts {@code script} in the group: it waits for a line, which comes when it has been moved. */
    private Process runIn(Cgroup cgroup, String script) throws IOException {
        Process process = new ProcessBuilder("/bin/sh", "-c", "read go; " + script)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        started.add(process);
        assertThat(cgroup.add(process.pid())).isTrue();
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        return process;
    }

    private static void await(BooleanSupplier condition) {
        assertThat(GroupTree.await(DEADLINE, condition)).isTrue();
    }

    private static Resources resources(
            Resources.@Nullable Memory memory, Resources.@Nullable Cpu cpu, Resources.@Nullable Pids pids) {
        return new Resources(List.of(), memory, cpu, pids, null, List.of(), null, Map.of(), Map.of());
    }

    private static Resources nothing() {
        return resources(null, null, null);
    }

    private static Resources.Memory memory(long limit) {
        return Resources.Memory.of(limit, null, limit);
    }

    private static Resources.Cpu quota(long quota, long period) {
        return Resources.Cpu.of(null, quota, period);
    }

    @Test
    void countsTheProcessThatIsMovedInAndItsChildren() throws Exception {
        Cgroup cgroup = cgroups.create("counted", nothing());
        assertThat(cgroup.populated()).isFalse();
        Process process = runIn(cgroup, "sleep 1000 & sleep 1000; true");
        await(() -> cgroup.processes().size() == 3);
        assertThat(cgroup.processes()).contains(process.pid());
        assertThat(cgroup.stats().pids().count()).isEqualTo(3);
        assertThat(cgroup.stats().pids().limit()).isEqualTo(OptionalLong.empty());
        assertThat(cgroup.stats().memory().usage()).isPositive();
    }

    @Test
    void saysThatAnEndedProcessCannotBeMovedIn() throws Exception {
        Process process = new ProcessBuilder("/bin/true").start();
        process.waitFor();
        assertThat(cgroups.create("late", nothing()).add(process.pid())).isFalse();
    }

    @Test
    void killsAProcessThatExceedsTheMemoryLimitAndCountsIt() throws Exception {
        Cgroup cgroup = cgroups.create("greedy", resources(memory(16 * MIB), null, null));
        assertThat(cgroup.oomKills()).isZero();
        Process process = runIn(cgroup, "exec tail /dev/zero");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(137);
        assertThat(cgroup.oomKills()).isPositive();
        assertThat(cgroup.stats().memory().limit()).hasValue(16 * MIB);
        assertThat(cgroup.stats().memory().oomKills()).isEqualTo(cgroup.oomKills());
    }

    @Test
    void throttlesByQuotaAndCountsIt() throws Exception {
        Cgroup cgroup = cgroups.create("busy", resources(null, quota(5_000, 50_000), null));
        runIn(cgroup, "while :; do :; done");
        await(() -> cgroup.stats().cpu().throttledPeriods() > 1
                && cgroup.stats().cpu().throttledNanos() > 0);
        CgroupStats.Cpu cpu = cgroup.stats().cpu();
        assertThat(cpu.usageNanos()).isPositive();
        assertThat(cpu.periods()).isGreaterThanOrEqualTo(cpu.throttledPeriods());
    }

    @Test
    void stopsForksAtThePidsLimit() throws Exception {
        Cgroup cgroup = cgroups.create("forks", resources(null, null, new Resources.Pids(4)));
        Process shell = runIn(cgroup, "for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; wait");
        assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue(); // it gives up at the first fork that fails
        assertThat(cgroup.stats().pids().count()).isEqualTo(3);
        assertThat(cgroup.stats().pids().limit()).hasValue(4);
    }

    @Test
    void changesTheLimitsOfARunningContainerUpAndDown() throws Exception {
        Cgroup cgroup = cgroups.create("changed", resources(memory(64 * MIB), quota(20_000, 100_000), null));
        runIn(cgroup, "exec sleep 1000");
        for (long limit : List.of(256 * MIB, 128 * MIB, 512 * MIB)) {
            cgroup.apply(resources(memory(limit), null, new Resources.Pids(limit / MIB)));
            assertThat(cgroup.stats().memory().limit()).hasValue(limit);
            assertThat(cgroup.stats().pids().limit()).hasValue(limit / MIB);
        }
        cgroup.apply(resources(Resources.Memory.of(-1L, null, -1L), null, new Resources.Pids(-1)));
        assertThat(cgroup.stats().memory().limit()).isEmpty();
        assertThat(cgroup.stats().pids().limit()).isEmpty();
    }

    @Test
    void opensOnlyTheDevicesThatItsRulesAllowAlsoWhenTheyChange() throws Exception {
        Resources.DeviceRule nothing = new Resources.DeviceRule(false, "a", null, null, "rwm");
        Resources.DeviceRule nullDevice = new Resources.DeviceRule(true, "c", 1L, 3L, "rwm");
        Resources.DeviceRule zero = new Resources.DeviceRule(true, "c", 1L, 5L, "r");
        Cgroup cgroup = cgroups.create("devices", devices(nothing, nullDevice));
        assertThat(opened(cgroup, "</dev/null")).isEqualTo("");
        assertThat(opened(cgroup, "</dev/zero")).contains("Operation not permitted");
        cgroup.apply(nothing());
        assertThat(opened(cgroup, "</dev/zero")).contains("Operation not permitted");
        cgroup.apply(devices(nothing, nullDevice, zero));
        assertThat(opened(cgroup, "</dev/zero")).isEqualTo("");
        assertThat(opened(cgroup, ">/dev/zero")).contains("Operation not permitted");
    }

    private static Resources devices(Resources.DeviceRule... rules) {
        return new Resources(List.of(rules), null, null, null, null, List.of(), null, Map.of(), Map.of());
    }

    /** What a shell in the group says to a redirection; nothing if it works. */
    private String opened(Cgroup cgroup, String redirection) throws Exception {
        Path said = Files.createTempFile("said", "");
        try {
            Process shell = runIn(cgroup, "(: " + redirection + ") 2>" + said);
            assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return Files.readString(said);
        } finally {
            Files.delete(said);
        }
    }

    @Test
    void refusesASwapLimitWhereNobodyCountsSwap() {
        Resources.Memory asked = Resources.Memory.of(64 * MIB, null, 96 * MIB);
        assertThatThrownBy(() -> SwapCount.refuse(asked, false))
                .isInstanceOf(SpecException.class)
                .hasMessageStartingWith("linux.resources.memory.swap: cannot be limited");
        SwapCount.refuse(memory(64 * MIB), false);
        if (layout().countsSwap()) {
            cgroups.create("swap", resources(asked, null, null));
            return;
        }
        assertThatThrownBy(() -> cgroups.create("swap", resources(asked, null, null)))
                .isInstanceOf(SpecException.class);
        assertThat(cgroups.list()).isEmpty();
    }

    @Test
    void createsTwiceWithoutHarmAndAppliesTheNewerLimits() {
        cgroups.create("twice", resources(memory(64 * MIB), null, null));
        cgroups.create("twice", resources(memory(32 * MIB), null, null));
        assertThat(cgroups.list()).containsExactly("twice");
        assertThat(cgroups.find("twice").orElseThrow().stats().memory().limit()).hasValue(32 * MIB);
    }

    @Test
    void leavesNothingWhenALimitIsRefused() {
        Resources.Cpu wrong = new Resources.Cpu(null, null, null, null, null, null, "100000", null, null);
        assertThatThrownBy(() -> cgroups.create("wrong", resources(memory(64 * MIB), wrong, null)))
                .isInstanceOf(SpecException.class)
                .hasMessageStartingWith("linux.resources.cpu.cpus: \"100000\" cannot be set: ")
                .hasMessageContaining("cpuset.cpus");
        assertThat(cgroups.list()).isEmpty();
    }

    @Test
    void freezesAndThawsEveryProcess() throws Exception {
        Cgroup cgroup = cgroups.create("frozen", nothing());
        runIn(cgroup, "while :; do :; done");
        assertThat(cgroup.frozen()).isFalse();
        cgroup.freeze(DEADLINE);
        assertThat(cgroup.frozen()).isTrue();
        long usage = cgroup.stats().cpu().usageNanos();
        assertThat(cgroup.stats().cpu().usageNanos()).isEqualTo(usage);
        cgroup.thaw();
        await(() -> cgroup.stats().cpu().usageNanos() > usage);
    }

    @Test
    void killsFrozenProcessesToo() throws Exception {
        Cgroup cgroup = cgroups.create("killed", nothing());
        Process process = runIn(cgroup, "sleep 1000 & sleep 1000 & wait");
        await(() -> cgroup.processes().size() == 3);
        cgroup.freeze(DEADLINE);
        cgroup.killAll();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        await(() -> !cgroup.populated());
    }

    @Test
    void removesAGroupWithForkingProcessesAndNestedGroups() throws Exception {
        Cgroup cgroup = cgroups.create("nested", nothing());
        for (Path group : groupsOf("nested")) {
            GroupTree.make(group.resolve("inner/innermost"));
        }
        runIn(cgroup, "while :; do (sleep 1000 &) ; (sleep 0.01 &) ; done");
        await(() -> cgroup.processes().size() > 5);
        cgroup.remove(DEADLINE);
        cgroup.remove(DEADLINE);
        assertThat(cgroups.find("nested")).isEmpty();
        assertThat(cgroups.list()).isEmpty();
    }

    private List<Path> groupsOf(String name) {
        return cgroups.find(name).orElseThrow().directories();
    }

    @Test
    void listsContainersButNotTheShims() {
        cgroups.create("a", nothing());
        cgroups.create("b", nothing());
        assertThat(cgroups.shims().name()).isEqualTo(Cgroups.SHIMS);
        assertThat(cgroups.list()).containsExactly("a", "b");
        assertThat(Cgroups.open(layout(), slice).list()).containsExactly("a", "b");
    }

    @Test
    void findsAGroupOfWhichOnlyAPartWasMade() throws Exception {
        Cgroup cgroup = cgroups.create("partial", nothing());
        Files.delete(groupsOf("partial").getFirst());
        if (layout().mode() != CgroupMode.V2) {
            assertThat(cgroups.list()).containsExactly("partial");
            assertThat(cgroups.find("partial")).isPresent();
        }
        cgroup.remove(DEADLINE);
        assertThat(cgroups.list()).isEmpty();
    }
}
