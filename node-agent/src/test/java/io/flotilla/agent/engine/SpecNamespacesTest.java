package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code linux.namespaces} and what hangs on it, as the container sees it. */
@Tag("kernel")
@Timeout(180)
class SpecNamespacesTest {

    private static final Map<String, String> TYPES =
            Map.of("pid", "pid", "network", "net", "ipc", "ipc", "uts", "uts", "cgroup", "cgroup", "mount", "mnt");

    private TestBundle bundle;

    @BeforeEach
    void open() throws IOException {
        bundle = new TestBundle();
    }

    @AfterEach
    void close() throws IOException {
        bundle.close();
    }

    private static String namespace(Path process, String type) throws IOException {
        return Files.readSymbolicLink(process.resolve("ns/" + type)).toString();
    }

    private static final Path SELF = Path.of("/proc/self");

    @Test
    void everyTypeThatIsListedIsNewAndAnyOtherIsTheHosts() throws IOException {
        bundle.shareUsers();
        Path process = bundle.running().proc("");
        for (String type : TYPES.values()) {
            assertThat(namespace(process, type)).as(type).isNotEqualTo(namespace(SELF, type));
        }
        assertThat(namespace(process, "user")).isEqualTo(namespace(SELF, "user"));
        assertThat(namespace(process, "time")).isEqualTo(namespace(SELF, "time"));
    }

    @Test
    void idMapsOfTheSpecAreThoseOfTheContainer() throws IOException {
        String seen = bundle.print("cat /proc/self/uid_map /proc/self/gid_map; stat -c %u:%g /bin/busybox", """
                {"linux": {"uidMappings": [{"containerID": 0, "hostID": 1650000000, "size": 10},
                                           {"containerID": 10, "hostID": 1700000000, "size": 20}],
                           "gidMappings": [{"containerID": 0, "hostID": 1650000000, "size": 30}]}}
                """);
        assertThat(seen.lines().map(line -> line.strip().replaceAll(" +", " ")))
                .containsExactly("0 1650000000 10", "10 1700000000 20", "0 1650000000 30", "0:0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pid", "network", "ipc", "uts", "cgroup"})
    void joinsANamespaceByItsPath(String type) throws IOException {
        bundle.shareUsers();
        String name = TYPES.getOrDefault(type, "");
        Path other = bundle.running().proc("ns/" + name);
        String joined = bundle.spec().requireLinux().namespaces().stream()
                .map(n -> "{\"type\":\"" + n.type().name().toLowerCase(java.util.Locale.ROOT) + "\""
                        + (n.type().name().equalsIgnoreCase(type) ? ",\"path\":\"" + other + "\"}" : "}"))
                .collect(java.util.stream.Collectors.joining(","));
        TestBundle.Made made = bundle.create(
                "{\"linux\":{\"namespaces\":null}}",
                "{\"linux\":{\"namespaces\":[" + joined + "]}}",
                TestBundle.sh("sleep 1000"));
        assertThat(namespace(made.proc(""), name))
                .isEqualTo(Files.readSymbolicLink(other).toString());
    }

    @Test
    void joinsAWholePodOfAnotherUserNamespaceAndCanMountItsOwnSysfs() throws IOException {
        TestBundle.Made pod = bundle.running();
        String seen = bundle.print(
                "cat /proc/self/uid_map; ls /sys/class/net; readlink /proc/self/ns/net; readlink /proc/self/ns/user",
                "{\"linux\":{\"namespaces\":null,\"uidMappings\":null,\"gidMappings\":null},\"hostname\":null}",
                """
                {"mounts": [{"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"]}],
                 "linux": {"namespaces": [{"type": "mount"}, {"type": "pid"},
                   {"type": "network", "path": "%s"}, {"type": "ipc", "path": "%s"}, {"type": "user", "path": "%s"}]}}
                """.formatted(pod.proc("ns/net"), pod.proc("ns/ipc"), pod.proc("ns/user")));
        assertThat(seen.lines().map(line -> line.strip().replaceAll(" +", " ")))
                .containsExactly(
                        "0 1650000000 65536", "lo", namespace(pod.proc(""), "net"), namespace(pod.proc(""), "user"));
    }

    @Test
    void pathOfAnotherTypeOrOfNoNamespaceIsRefusedByName() throws IOException {
        bundle.shareUsers();
        for (String path : List.of("/proc/self/ns/ipc", "/etc/hostname")) {
            assertThatThrownBy(() -> bundle.create(
                            "{\"linux\":{\"namespaces\":null}}",
                            "{\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"uts\"},"
                                    + "{\"type\":\"network\",\"path\":\"" + path + "\"}]}}"))
                    .hasMessageContaining("make the namespaces")
                    .hasMessageContaining("not a namespace of the wanted type: " + path);
        }
    }

    @Test
    void clocksOfATimeNamespaceAreOffAsTheSpecSays() throws IOException {
        assumeTrue(Facilities.present().timeNamespaces(), "this kernel has no time namespaces");
        String seen = bundle.print(
                "cut -d. -f1 /proc/uptime; readlink /proc/self/ns/time; cat /proc/self/timens_offsets", """
                {"linux": {"namespaces": [{"type": "time"}],
                  "timeOffsets": {"boottime": {"secs": 1000000, "nanosecs": 7}, "monotonic": {"secs": 500}}}}
                """);
        List<String> lines =
                seen.lines().map(line -> line.strip().replaceAll(" +", " ")).toList();
        assertThat(Long.parseLong(lines.getFirst())).isGreaterThanOrEqualTo(1_000_000);
        assertThat(lines.get(1)).isNotEqualTo(namespace(SELF, "time"));
        assertThat(lines.subList(2, 4)).containsExactly("monotonic 500 0", "boottime 1000000 7");
    }

    @Test
    void namesAreTheContainersOwn() throws IOException {
        assertThat(bundle.print(
                        "hostname; cat /proc/sys/kernel/domainname",
                        "{\"hostname\":\"ship\",\"domainname\":\"sea.example\"}"))
                .isEqualTo("ship\nsea.example");
    }

    @Test
    void kernelParametersAreSetInTheContainersNamespacesOnly() throws IOException {
        String before = Files.readString(Path.of("/proc/sys/kernel/shmmni"));
        assertThat(bundle.print(
                        "cat /proc/sys/kernel/shmmni /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/lo/forwarding"
                                + " /proc/sys/fs/mqueue/msg_max",
                        """
                        {"mounts": [{"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue"}],
                         "linux": {"sysctl": {"kernel.shmmni": "77", "net.ipv4.ip_forward": "1",
                           "net/ipv4/conf/lo/forwarding": "1", "fs.mqueue.msg_max": "9"}}}
                        """))
                .isEqualTo("77\n1\n1\n9");
        assertThat(Files.readString(Path.of("/proc/sys/kernel/shmmni"))).isEqualTo(before);
    }

    @Test
    void interfaceOfTheHostBecomesTheContainersWithItsAddress() throws IOException {
        String name = "fspec" + ProcessHandle.current().pid() % 100_000;
        TestBundle.run("ip", "link", "add", name, "type", "veth", "peer", "name", name + "p");
        try {
            TestBundle.run("ip", "address", "add", "192.0.2.7/24", "dev", name);
            String seen = bundle.print(
                    "ip address show dev inner",
                    "{\"linux\":{\"netDevices\":{\"" + name + "\":{\"name\":\"inner\"}}}}");
            assertThat(seen).containsPattern("inner@?.*UP").contains("inet 192.0.2.7/24");
            assertThat(Path.of("/sys/class/net", name)).doesNotExist();
        } finally {
            new ProcessBuilder("ip", "link", "delete", name + "p")
                    .start()
                    .onExit()
                    .join();
        }
        assertThatThrownBy(() -> bundle.create("{\"linux\":{\"netDevices\":{\"nosuch0\":{}}}}"))
                .hasMessageContaining("look up network interface nosuch0: ENODEV");
    }

    @Test
    void cgroupMountShowsTheContainersGroupAsTheRoot() throws IOException {
        String seen = bundle.print(
                "cat /proc/self/cgroup; cd /sys/fs/cgroup; find . -name cgroup.procs | while read f; do grep -c . $f; done;"
                        + " find . -name cgroup.procs | while read f; do touch $f 2>/dev/null && echo writable; done; true",
                """
                {"mounts": [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
                  "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}]}
                """);
        assertThat(seen.lines().filter(line -> line.contains(":"))).isNotEmpty().allMatch(line -> line.endsWith(":/"));
        assertThat(seen.lines().filter(line -> !line.contains(":")))
                .isNotEmpty()
                .allMatch(line -> line.matches("[1-9]"));
    }

    @Test
    void cgroupMountWithoutACgroupNamespaceIsTheContainersGroupAlone() throws IOException {
        bundle.shareUsers();
        String seen = bundle.print(
                "find /sys/fs/cgroup -name cgroup.procs | while read f; do grep -c . $f; done",
                "{\"linux\":{\"namespaces\":null}}",
                """
                {"mounts": [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]}],
                 "linux": {"namespaces": [{"type": "mount"}, {"type": "pid"}, {"type": "uts"}]}}
                """);
        assertThat(seen.lines()).isNotEmpty().allMatch(line -> line.matches("[1-9]"));
    }
}
