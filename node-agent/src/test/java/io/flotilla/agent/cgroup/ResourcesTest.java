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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

/** Every field of {@code linux.resources}, read back from the kernel's files, or the sentence that refuses it. */
@Tag("kernel")
@Timeout(120)
class ResourcesTest {

    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private CgroupLayout layout;
    private Cgroups cgroups;

    @BeforeEach
    void open() {
        assumeTrue(System.getProperty("user.name").equals("root"), "control groups need root");
        layout = CgroupLayout.detect();
        assumeTrue(layout.missing().isEmpty(), () -> "this host lacks the controllers " + layout.missing());
        cgroups = Cgroups.open(
                layout, "flotilla-resources-" + ProcessHandle.current().pid() + ".slice");
    }

    @AfterEach
    void close() {
        if (cgroups != null) {
            cgroups.purge(DEADLINE);
        }
    }

    private boolean v2() {
        return layout.mode() == CgroupMode.V2;
    }

    private static Resources resources(String json) {
        return JsonMapper.shared().readValue(json, Resources.class);
    }

    private Cgroup create(String json) {
        return cgroups.create("c", resources(json));
    }

    /** A file of the group, on whichever hierarchy it is. */
    private static String read(Cgroup group, String file) {
        return group.directories().stream()
                .map(directory -> CgroupFile.at(directory, file))
                .filter(CgroupFile::exists)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no file " + file))
                .read();
    }

    private void refused(String json, String sentence) {
        assertThatThrownBy(() -> create(json)).isInstanceOf(SpecException.class).hasMessageContaining(sentence);
        assertThat(cgroups.list()).isEmpty();
    }

    @Test
    void cpuTimeIsSharedAndCapped() {
        Cgroup group = create("{\"cpu\":{\"shares\":512,\"quota\":20000,\"period\":50000,\"burst\":1000}}");
        if (v2()) {
            assertThat(read(group, "cpu.weight")).isEqualTo("59");
            assertThat(read(group, "cpu.max")).isEqualTo("20000 50000");
            assertThat(read(group, "cpu.max.burst")).isEqualTo("1000");
        } else {
            assertThat(read(group, "cpu.shares")).isEqualTo("512");
            assertThat(read(group, "cpu.cfs_quota_us")).isEqualTo("20000");
            assertThat(read(group, "cpu.cfs_period_us")).isEqualTo("50000");
            assertThat(read(group, "cpu.cfs_burst_us")).isEqualTo("1000");
        }
        group.apply(resources("{\"cpu\":{\"idle\":1,\"quota\":-1}}"));
        assertThat(read(group, "cpu.idle")).isEqualTo("1");
        refused("{\"cpu\":{\"quota\":5}}", "linux.resources.cpu.quota: \"5");
    }

    @Test
    void processorsAndMemoryNodesAreThoseOfTheSpec() {
        Cgroup group = create("{\"cpu\":{\"cpus\":\"0\",\"mems\":\"0\"}}");
        assertThat(read(group, "cpuset.cpus")).isEqualTo("0");
        assertThat(read(group, "cpuset.mems")).isEqualTo("0");
        refused("{\"cpu\":{\"mems\":\"900\"}}", "linux.resources.cpu.mems: \"900\" cannot be set: ");
    }

    @Test
    void realTimeIsGrantedWhereTheKernelSharesItOut() {
        String json = "{\"cpu\":{\"realtimePeriod\":500000,\"realtimeRuntime\":1000}}";
        Path cpu = layout.controller("cpu");
        if (cpu == null) {
            refused(json, "linux.resources.cpu.realtimeRuntime: 1000 needs a host with cgroup v1");
        } else if (Files.exists(cpu.resolve("cpu.rt_runtime_us"))) {
            Cgroup group = create(json);
            assertThat(read(group, "cpu.rt_period_us")).isEqualTo("500000");
            assertThat(read(group, "cpu.rt_runtime_us")).isEqualTo("1000");
        } else {
            refused(json, "this kernel does not share out real time");
        }
    }

    @Test
    void memoryIsLimitedProtectedAndCheckedBeforeItShrinks() throws IOException {
        Cgroup group = create(
                "{\"memory\":{\"limit\":67108864,\"reservation\":33554432,\"useHierarchy\":true,\"kernel\":-1}}");
        assertThat(read(group, v2() ? "memory.max" : "memory.limit_in_bytes")).isEqualTo("67108864");
        assertThat(read(group, v2() ? "memory.low" : "memory.soft_limit_in_bytes"))
                .isEqualTo("33554432");
        refused("{\"memory\":{\"kernel\":4096}}", "linux.resources.memory.kernel: 4096 cannot be kept");
        refused("{\"memory\":{\"useHierarchy\":false}}", "linux.resources.memory.useHierarchy: false cannot be had");
    }

    private static void refuses(Cgroup group, String json, String sentence) {
        assertThatThrownBy(() -> group.apply(resources(json)))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void limitBelowWhatIsUsedIsRefusedWhenTheSpecAsksForThatCheck() throws Exception {
        Cgroup group = create("{}");
        Process user = new ProcessBuilder(
                        "/bin/sh", "-c", "read go; x=$(head -c 20000000 /dev/zero | tr '\\0' x); read end")
                .start();
        try {
            assertThat(group.add(user.pid())).isTrue();
            user.getOutputStream().write('\n');
            user.getOutputStream().flush();
            assertThat(GroupTree.await(DEADLINE, () -> group.stats().memory().usage() > 15_000_000))
                    .isTrue();
            refuses(
                    group,
                    "{\"memory\":{\"limit\":8388608,\"checkBeforeUpdate\":true}}",
                    "linux.resources.memory.limit: 8388608 is below the ");
            assertThat(user.isAlive()).isTrue();
            assertThat(group.stats().memory().limit()).isEmpty();
        } finally {
            user.destroyForcibly().waitFor();
        }
    }

    @Test
    void swapIsLimitedWithMemory() {
        assumeTrue(layout.countsSwap(), "this kernel does not count swap");
        Cgroup group = create("{\"memory\":{\"limit\":67108864,\"swap\":100663296}}");
        assertThat(read(group, v2() ? "memory.swap.max" : "memory.memsw.limit_in_bytes"))
                .isEqualTo(v2() ? "33554432" : "100663296");
    }

    @Test
    void whatOnlyV1HasIsSetThereAndRefusedElsewhere() {
        Map<String, List<String>> settings = Map.of(
                "{\"memory\":{\"swappiness\":7}}", List.of("memory.swappiness", "7", "memory.swappiness: 7"),
                "{\"memory\":{\"disableOOMKiller\":true}}",
                        List.of("memory.oom_control", "oom_kill_disable 1", "memory.disableOOMKiller: true"),
                "{\"memory\":{\"kernelTCP\":4096000}}",
                        List.of("memory.kmem.tcp.limit_in_bytes", "4096000", "memory.kernelTCP: 4096000"));
        settings.forEach((json, words) -> {
            if (v2()) {
                refused(json, "linux.resources." + words.getLast() + " needs a host with cgroup v1");
            } else {
                Cgroup group = create(json);
                assertThat(read(group, words.getFirst())).startsWith(words.get(1));
                group.remove(DEADLINE);
            }
        });
    }

    @Test
    void processesAreCounted() {
        assertThat(read(create("{\"pids\":{\"limit\":33}}"), "pids.max")).isEqualTo("33");
        assertThat(read(create("{\"pids\":{\"limit\":0}}"), "pids.max")).isEqualTo("max");
    }

    /** The number of some block device of this machine that has a queue of its own. */
    private static String disk() throws IOException {
        try (Stream<Path> disks = Files.list(Path.of("/sys/block"))) {
            Path disk = disks.filter(path -> Files.exists(path.resolve("queue/scheduler")))
                    .min(java.util.Comparator.comparing(
                            path -> path.getFileName().toString()))
                    .orElseThrow();
            return Files.readString(disk.resolve("dev")).strip();
        }
    }

    @Test
    void devicesAreThrottled() throws IOException {
        String disk = disk();
        String[] numbers = disk.split(":", -1);
        String device = "[{\"major\":" + numbers[0] + ",\"minor\":" + numbers[1] + ",\"rate\":%d}]";
        Cgroup group = create("{\"blockIO\":{\"throttleReadBpsDevice\":" + device.formatted(1_048_576)
                + ",\"throttleWriteBpsDevice\":" + device.formatted(2_097_152) + ",\"throttleReadIOPSDevice\":"
                + device.formatted(300) + ",\"throttleWriteIOPSDevice\":" + device.formatted(400) + "}}");
        if (v2()) {
            assertThat(read(group, "io.max")).isEqualTo(disk + " rbps=1048576 wbps=2097152 riops=300 wiops=400");
        } else {
            assertThat(read(group, "blkio.throttle.read_bps_device")).isEqualTo(disk + " 1048576");
            assertThat(read(group, "blkio.throttle.write_bps_device")).isEqualTo(disk + " 2097152");
            assertThat(read(group, "blkio.throttle.read_iops_device")).isEqualTo(disk + " 300");
            assertThat(read(group, "blkio.throttle.write_iops_device")).isEqualTo(disk + " 400");
        }
        refused(
                "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":4000,\"minor\":0,\"rate\":1}]}}",
                "linux.resources.blockIO.throttleReadBpsDevice[0]: \"4000:0 ");
    }

    @Test
    void weightsAreSetWhereASchedulerKnowsThemAndRefusedByNameElsewhere() {
        Cgroup empty = create("{}");
        boolean known = empty.directories().stream()
                .anyMatch(group -> Stream.of("io.bfq.weight", "io.weight", "blkio.bfq.weight", "blkio.weight")
                        .anyMatch(file -> CgroupFile.at(group, file).exists()));
        empty.remove(DEADLINE);
        if (known) {
            Cgroup group = create("{\"blockIO\":{\"weight\":500}}");
            assertThat(Stream.of("io.bfq.weight", "io.weight", "blkio.bfq.weight", "blkio.weight")
                            .filter(file -> group.directories().stream()
                                    .anyMatch(d -> CgroupFile.at(d, file).exists()))
                            .map(file -> read(group, file))
                            .toList())
                    .anyMatch(value -> value.matches("(default )?(500|4950)"));
            group.remove(DEADLINE);
        } else {
            refused(
                    "{\"blockIO\":{\"weight\":500}}",
                    "linux.resources.blockIO.weight: \"500\" cannot be set: no I/O scheduler");
        }
        refused("{\"blockIO\":{\"leafWeight\":500}}", "linux.resources.blockIO.leafWeight: ");
        refused(
                "{\"blockIO\":{\"weightDevice\":[{\"major\":1,\"minor\":2,\"leafWeight\":500}]}}",
                "linux.resources.blockIO.weightDevice[0].leafWeight: ");
    }

    @Test
    void weightsOfV1AreConverted() {
        assertThat(Conversions.ioWeight(10)).isEqualTo(1);
        assertThat(Conversions.ioWeight(100)).isEqualTo(910);
        assertThat(Conversions.ioWeight(1000)).isEqualTo(10_000);
    }

    @Test
    void hugePagesAreLimitedBySize() throws IOException {
        assumeTrue(Files.isDirectory(Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB")), "no huge pages of 2 MB");
        Cgroup group = create("{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":4194304}]}");
        String suffix = layout.controller("hugetlb") == null ? "max" : "limit_in_bytes";
        assertThat(read(group, "hugetlb.2MB." + suffix)).isEqualTo("4194304");
        group.remove(DEADLINE);
        refused(
                "{\"hugepageLimits\":[{\"pageSize\":\"3MB\",\"limit\":1}]}",
                "linux.resources.hugepageLimits[0].pageSize: \"3MB\" is no size");
    }

    @Test
    void rdmaIsLimitedOrRefusedByDevice() {
        Cgroup empty = create("{}");
        boolean known = empty.directories().stream()
                .anyMatch(group -> CgroupFile.at(group, "rdma.max").exists());
        empty.remove(DEADLINE);
        // Only a host with such an adapter takes a limit; any other says that there is none of that name.
        refused(
                "{\"rdma\":{\"mlx5_1\":{\"hcaHandles\":3,\"hcaObjects\":10000}}}",
                known || v2()
                        ? "linux.resources.rdma.mlx5_1: \"mlx5_1 hca_handle=3 hca_object=10000\" cannot be set"
                        : "linux.resources.rdma.mlx5_1: this host has no rdma control group");
    }

    @Test
    void packetsAreMarkedWhereThatHierarchyIsMounted() throws Exception {
        if (v2()) {
            refused(
                    "{\"network\":{\"classID\":1048577}}",
                    "linux.resources.network.classID: 1048577 needs a host with cgroup v1");
            refused(
                    "{\"network\":{\"priorities\":[{\"name\":\"lo\",\"priority\":5}]}}",
                    "linux.resources.network.priorities: ");
            return;
        }
        if (layout.controller("net_cls") == null) {
            refused("{\"network\":{\"classID\":1048577}}", "linux.resources.network.classID: this host has no net_cls");
        }
        Path mount = Files.createTempDirectory("net");
        boolean mounted = new ProcessBuilder("mount", "-t", "cgroup", "-o", "net_cls,net_prio", "net", mount.toString())
                        .start()
                        .waitFor()
                == 0;
        assumeTrue(mounted, "net_cls and net_prio cannot be mounted here");
        try {
            Path group = Files.createDirectory(mount.resolve("c"));
            new V1Limits(new CgroupLayout(Map.of("net_cls,net_prio", mount), null), "c", null)
                    .apply(resources(
                            "{\"network\":{\"classID\":1048577,\"priorities\":[{\"name\":\"lo\",\"priority\":5}]}}"));
            assertThat(CgroupFile.at(group, "net_cls.classid").read()).isEqualTo("1048577");
            assertThat(CgroupFile.at(group, "net_prio.ifpriomap").read()).contains("lo 5");
            Files.delete(group);
        } finally {
            new ProcessBuilder("umount", mount.toString()).start().waitFor();
            Files.delete(mount);
        }
    }

    @Test
    void unifiedSettingsAreWrittenAsTheyAreAndOnlyToFilesOfControllers() {
        if (!v2()) {
            refused(
                    "{\"unified\":{\"memory.high\":\"1000000\"}}",
                    "linux.resources.unified: [memory.high] needs a host with cgroup v2");
            return;
        }
        Cgroup group = create(
                "{\"memory\":{\"limit\":67108864},\"unified\":{\"memory.high\":\"33554432\",\"memory.max\":\"50331648\"}}");
        assertThat(read(group, "memory.high")).isEqualTo("33554432");
        assertThat(read(group, "memory.max")).isEqualTo("50331648");
        group.remove(DEADLINE);
        refused(
                "{\"unified\":{\"../memory.max\":\"1\"}}",
                "linux.resources.unified.../memory.max: is no file of a controller");
        refused("{\"unified\":{\"cgroup.procs\":\"1\"}}", "linux.resources.unified.cgroup.procs: is no file");
        refused(
                "{\"unified\":{\"memory.colour\":\"1\"}}",
                "linux.resources.unified.memory.colour: \"1\" cannot be set: this host has no such controller");
    }
}
