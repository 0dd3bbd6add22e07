package io.flotilla.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CgroupLayoutTest {

    private static final String ROOT = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw";
    private static final String V2 = "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
    private static final String UNIFIED = "31 22 0:27 / /sys/fs/cgroup/unified rw shared:5 - cgroup2 cgroup rw";
    private static final String CPU =
            "32 22 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:6 - cgroup cgroup rw,xattr,cpu,cpuacct";
    private static final String NAMED =
            "33 22 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/x,name=systemd";

    @Test
    void recognisesAHostWithCgroup2Only() {
        CgroupLayout layout = CgroupLayout.parse(List.of(ROOT, V2));
        assertThat(layout.mode()).isEqualTo(CgroupMode.V2);
        assertThat(layout.unified()).isEqualTo(Path.of("/sys/fs/cgroup"));
    }

    @Test
    void callsASystemdHierarchyAloneNoControllers() {
        assertThat(CgroupLayout.parse(List.of(ROOT, V2, NAMED)).mode()).isEqualTo(CgroupMode.V2);
    }

    @Test
    void findsControllersThatShareAHierarchy() {
        CgroupLayout layout = CgroupLayout.parse(List.of(ROOT, CPU, NAMED, UNIFIED));
        assertThat(layout.mode()).isEqualTo(CgroupMode.HYBRID);
        assertThat(layout.v1()).containsOnlyKeys("cpu,cpuacct", "name=systemd");
        assertThat(layout.controller("cpuacct")).isEqualTo(Path.of("/sys/fs/cgroup/cpu,cpuacct"));
        assertThat(layout.controller("memory")).isNull();
        assertThat(layout.missing()).containsExactly("memory", "pids");
    }

    @Test
    void recognisesPureV1() {
        assertThat(CgroupLayout.parse(List.of(ROOT, CPU)).mode()).isEqualTo(CgroupMode.V1);
    }
}
