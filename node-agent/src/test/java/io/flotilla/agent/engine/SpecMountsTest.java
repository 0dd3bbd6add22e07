package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code mounts}, {@code root} and the paths and devices of {@code linux}, as the container sees them. */
@Tag("kernel")
@Timeout(180)
class SpecMountsTest {

    private TestBundle bundle;
    private Path source;

    @BeforeEach
    void open() throws IOException {
        bundle = new TestBundle();
        source = Files.createDirectories(bundle.base.resolve("source/below"));
        source = bundle.base.resolve("source");
    }

    @AfterEach
    void close() throws IOException {
        bundle.close();
    }

    private String bind(String destination, String... options) {
        return "{\"mounts\":[{\"destination\":\"%s\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"%s\"]}]}"
                .formatted(destination, source, String.join("\",\"", options));
    }

    private static String tmpfs(String destination, String... options) {
        return "{\"mounts\":[{\"destination\":\"%s\",\"type\":\"tmpfs\",\"source\":\"t\",\"options\":[%s]}]}"
                .formatted(
                        destination,
                        Stream.of(options).map(option -> "\"" + option + "\"").collect(Collectors.joining(",")));
    }

    /** The container's line of /proc/self/mountinfo for a mount point: options, optional fields, type, own options. */
    private String line(String destination, String... changes) throws IOException {
        return bundle.print("awk '$5 == \"" + destination + "\"' /proc/self/mountinfo | tail -n 1", changes);
    }

    @Test
    void attributesAreThoseOfTheOptionsAndLaterOnesWin() throws IOException {
        assertThat(line("/data", bind("/data", "bind", "ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime")))
                .contains(" ro,nosuid,nodev,noexec,noatime,nodiratime ");
        assertThat(line("/data", bind("/data", "bind", "ro", "rw", "nosuid", "suid", "noatime", "relatime")))
                .contains(" rw,relatime ");
        assertThat(line("/data", tmpfs("/data", "strictatime", "noexec", "size=1m", "mode=700")))
                .contains(" rw,noexec ")
                .contains("size=1024k,mode=700");
    }

    @Test
    void attributesInTheirRecursiveFormHoldForTheMountsBelowTheOthersDoNot() throws IOException {
        TestBundle.run("mount", "-t", "tmpfs", "below", source + "/below");
        try {
            String seen = bundle.print(
                    "grep -o '/data.* rw[^ ]*\\|/data.* ro[^ ]*' /proc/self/mountinfo; touch /data/below/x 2>&1; true",
                    bind("/data", "rbind", "rro", "nodev"));
            assertThat(seen.lines()
                            .filter(line -> line.startsWith("/data "))
                            .findFirst()
                            .orElseThrow())
                    .contains(" ro,nodev");
            assertThat(seen.lines()
                            .filter(line -> line.startsWith("/data/below "))
                            .findFirst()
                            .orElseThrow())
                    .contains(" ro")
                    .doesNotContain("nodev");
            assertThat(seen).contains("Read-only file system");
        } finally {
            TestBundle.run("umount", source + "/below");
        }
    }

    @Test
    void remountChangesAMountThatIsThere() throws IOException {
        assertThat(line("/data", tmpfs("/data"), """
                {"mounts": [{"destination": "/data", "options": ["remount", "bind", "ro", "nodev"]}]}
                """)).contains(" ro,nodev,relatime ");
    }

    /** Mounts that come later: on the host below the source, and in the container below the mount. */
    private void propagation(String option, boolean in, boolean out) throws IOException {
        TestBundle.run("mount", "--bind", source.toString(), source.toString());
        TestBundle.run("mount", "--make-shared", source.toString());
        Path late = Files.createDirectories(source.resolve("late"));
        Path inner = Files.createDirectories(source.resolve("inner"));
        try {
            TestBundle.Made made = bundle.running(bind("/data", "rbind", option));
            TestBundle.run("mount", "-t", "tmpfs", "late", late.toString());
            TestBundle.run(
                    "nsenter",
                    "-t",
                    String.valueOf(made.pid()),
                    "-m",
                    "-U",
                    "mount",
                    "-t",
                    "tmpfs",
                    "inner",
                    "/data/inner");
            String inside = Files.readString(made.proc("mountinfo"));
            String outside = Files.readString(Path.of("/proc/self/mountinfo"));
            assertThat(inside.contains(" /data/late "))
                    .as(option + ": from the host")
                    .isEqualTo(in);
            assertThat(outside.contains(" " + inner + " "))
                    .as(option + ": to the host")
                    .isEqualTo(out);
        } finally {
            TestBundle.run("umount", "-R", source.toString());
        }
    }

    @Test
    void privateMountsKeepEventsToThemselves() throws IOException {
        propagation("rprivate", false, false);
    }

    @Test
    void slaveMountsFollowTheHost() throws IOException {
        propagation("rslave", true, false);
    }

    @Test
    void sharedMountsFollowTheHostAndTellIt() throws IOException {
        propagation("rshared", true, true);
    }

    @Test
    void newFileSystemAndRootHaveTheirPropagation() throws IOException {
        assertThat(line("/data", tmpfs("/data", "shared"))).contains(" shared:");
        assertThat(line("/data", tmpfs("/data"))).doesNotContain("shared:").doesNotContain("master:");
        assertThat(line("/", "{\"linux\":{\"rootfsPropagation\":\"shared\"}}")).contains(" shared:");
        assertThat(line("/", "{\"linux\":{\"rootfsPropagation\":\"unbindable\"}}"))
                .contains(" unbindable ");
        assertThat(line("/")).doesNotContain("shared:").doesNotContain("master:");
    }

    @Test
    void noMountOfAnOrdinaryContainerIsTiedToTheHosts() throws IOException {
        assertThat(bundle.print(
                        "grep -c 'shared:\\|master:' /proc/self/mountinfo || true",
                        bind("/data", "bind"),
                        "{\"linux\":{\"maskedPaths\":[\"/proc/kcore\",\"/sys\"],\"readonlyPaths\":[\"/proc/sys\"]}}"))
                .isEqualTo("0");
    }

    @Test
    void tmpfsBeginsWithWhatItCovers() throws IOException {
        Path etc = Files.createDirectories(bundle.rootfs.resolve("etc/deep/er"));
        Files.writeString(etc.resolve("file"), "kept");
        TestBundle.run("chown", "1650000007:1650000008", etc.resolve("file").toString());
        TestBundle.run("chmod", "4751", etc.resolve("file").toString());
        Files.createSymbolicLink(bundle.rootfs.resolve("etc/link"), Path.of("/etc/deep/er/file"));
        TestBundle.run("chmod", "750", bundle.rootfs.resolve("etc").toString());
        assertThat(bundle.print(
                        "cat /etc/link; stat -c ' %a %u %g' /etc/deep/er/file; stat -c %a /etc; stat -f -c %T /etc;"
                                + " touch /etc/new 2>&1; true",
                        tmpfs("/etc", "tmpcopyup", "ro")))
                .startsWith("kept 4751 7 8\n750\ntmpfs\n")
                .contains("Read-only file system");
    }

    @Test
    void idmappedBindsShowOwnersAsTheMapSays() throws IOException {
        Files.writeString(source.resolve("file"), "");
        TestBundle.run("chown", "100:200", source.resolve("file").toString());
        assertThat(bundle.print("stat -c %u:%g /data/file", bind("/data", "bind")))
                .isEqualTo("65534:65534");
        assertThat(bundle.print("stat -c %u:%g /data/file", bind("/data", "bind", "idmap")))
                .isEqualTo("100:200");
        String maps = """
                {"mounts": [{"destination": "/data", "type": "bind", "source": "%s", "options": ["bind", "idmap"],
                  "uidMappings": [{"containerID": 100, "hostID": 1650000005, "size": 1}],
                  "gidMappings": [{"containerID": 200, "hostID": 1650000006, "size": 1}]}]}
                """.formatted(source);
        assertThat(bundle.print("stat -c %u:%g /data/file", maps)).isEqualTo("5:6");
    }

    @Test
    void idmapOfItsOwnWorksWithoutAUserNamespaceAndOneOfTheContainersIsRefused() throws IOException {
        bundle.shareUsers();
        Files.writeString(source.resolve("file"), "");
        assertThat(bundle.print("stat -c %u:%g /data/file", """
                {"mounts": [{"destination": "/data", "type": "bind", "source": "%s", "options": ["bind"],
                  "uidMappings": [{"containerID": 0, "hostID": 41, "size": 1}],
                  "gidMappings": [{"containerID": 0, "hostID": 42, "size": 1}]}]}
                """.formatted(source)))
                .isEqualTo("41:42");
        assertThatThrownBy(() -> bundle.create(bind("/data", "bind", "ridmap")))
                .hasMessageStartingWith("mounts[3].options: idmap needs uidMappings and gidMappings");
    }

    @Test
    void fileSystemsGetTheirOwnOptions() throws IOException {
        bundle.shareUsers();
        String mounts = """
                {"mounts": [{"destination": "/data", "type": "proc", "source": "p", "options": ["hidepid=2", "ro"]},
                  {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid"]},
                  {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro", "nodev"]}]}
                """;
        assertThat(bundle.print("grep ' /data \\| /dev/mqueue \\| /sys ' /proc/self/mountinfo", mounts))
                .contains("- proc p rw,hidepid=invisible")
                .contains("- mqueue mqueue")
                .contains("/sys ro,nodev,relatime");
        assertThatThrownBy(() -> bundle.create(tmpfs("/data", "colour=red")))
                .hasMessageContaining("mount tmpfs on /data: EINVAL")
                .hasMessageContaining("colour");
    }

    @Test
    void rootIsReadOnlyAndPathsAreCoveredAsTheSpecSays() throws IOException {
        assertThat(bundle.print("touch /x 2>&1; cat /proc/version | wc -c; touch /data/x 2>&1; ls /etc | wc -l", """
                        {"root": {"path": "rootfs", "readonly": true},
                         "linux": {"maskedPaths": ["/proc/version", "/etc"], "readonlyPaths": ["/data"]}}
                        """))
                .isEqualTo("touch: /x: Read-only file system\n0\ntouch: /data/x: Read-only file system\n0");
    }

    @Test
    void devicesAreMadeWithModeAndOwnerAndDefaultOnesCanBeOverridden() throws IOException {
        bundle.shareUsers();
        String seen =
                bundle.print("stat -c '%F %t:%T %a %u:%g' /dev/loop9 /dev/chars /dev/pipe /dev/null /dev/zero", """
                {"linux": {"devices": [
                  {"path": "/dev/loop9", "type": "b", "major": 7, "minor": 9, "fileMode": 384, "uid": 5, "gid": 6},
                  {"path": "/dev/chars", "type": "u", "major": 1, "minor": 5},
                  {"path": "/dev/pipe", "type": "p", "fileMode": 432},
                  {"path": "/dev/null", "type": "c", "major": 1, "minor": 3, "fileMode": 420}]}}
                """);
        assertThat(seen.lines())
                .containsExactly(
                        "block special file 7:9 600 5:6",
                        "character special file 1:5 666 0:0",
                        "fifo 0:0 660 0:0",
                        "character special file 1:3 644 0:0",
                        "character special file 1:5 666 0:0");
    }

    @Test
    void deviceInAUserNamespaceIsTheHostsNodeAndAnotherThanAskedForIsRefused() throws IOException {
        assertThat(bundle.print("stat -c '%F %t:%T' /dev/kmsg", """
                {"linux": {"devices": [{"path": "/dev/kmsg", "type": "c", "major": 1, "minor": 11}]}}
                """)).isEqualTo("character special file 1:b");
        assertThatThrownBy(() -> bundle.create("""
                {"linux": {"devices": [{"path": "/dev/kmsg", "type": "c", "major": 1, "minor": 12}]}}
                """)).hasMessageContaining("make the device /dev/kmsg: ENODEV");
    }

    @Test
    void deviceWhereSomethingElseIsThereAlreadyIsRefused() throws IOException {
        bundle.shareUsers();
        Files.writeString(bundle.rootfs.resolve("data/taken"), "");
        assertThatThrownBy(() -> bundle.create("""
                {"linux": {"devices": [{"path": "/data/taken", "type": "c", "major": 1, "minor": 3}]}}
                """))
                .hasMessageContaining("make the device /data/taken: EEXIST")
                .hasMessageContaining("already there");
    }
}
