package io.flotilla.agent.engine.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a container can see and do, and what must never happen at its start. */
@Tag("kernel")
@ExtendWith(RootRequired.class)
@Timeout(180)
class ShimIsolationTest {

    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = new TestHost();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private Shim sleeping() throws IOException {
        Shim shim = host.spawn(host.request(TestPlans.container(host.overlay(), false, false, "sleep", "1000")));
        shim.proceed();
        shim.start();
        return shim;
    }

    private static Path proc(int pid, String name) {
        return Path.of("/proc", String.valueOf(pid), name);
    }

    @Test
    void everyNamespaceIsTheContainersOwn() throws Exception {
        int pid = sleeping().record().pid();
        for (Namespace namespace : TestPlans.EVERY_NAMESPACE) {
            assertThat(Files.readSymbolicLink(proc(pid, "ns/" + namespace.procName())))
                    .as(namespace.procName())
                    .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns", namespace.procName())));
        }
        assertThat(Files.readString(proc(pid, "uid_map")).strip().split(" +"))
                .containsExactly("0", String.valueOf(TestPlans.FIRST_ID), "65536");
    }

    @Test
    void signalsCapabilitiesAndPrivilegesAreExactlyThoseOfThePlan() throws Exception {
        TestHost.Result result =
                host.run("grep", "-E", "^(Sig(Blk|Ign)|ShdPnd|Cap|NoNewPrivs|Groups|Uid|Umask)", "/proc/self/status");
        String ordinary = String.format("%016x", TestPlans.ORDINARY_CAPABILITIES);
        assertThat(result.output()
                        .lines()
                        .map(line -> line.replaceAll("\\s+", " ").strip()))
                .contains(
                        "Umask: 0022",
                        "Uid: 0 0 0 0",
                        "Groups:",
                        "SigBlk: 0000000000000000",
                        "SigIgn: 0000000000000000",
                        "CapInh: 0000000000000000",
                        "CapPrm: " + ordinary,
                        "CapEff: " + ordinary,
                        "CapBnd: " + ordinary,
                        "CapAmb: 0000000000000000",
                        "NoNewPrivs: 1");
    }

    @Test
    void anotherUserHasExactlyItsGroupsAndNoCapability() throws Exception {
        LaunchPlan plan = TestPlans.container(
                host.overlay(),
                false,
                false,
                steps -> TestPlans.replacing(Step.Identity.class, new Step.Identity(1000, 1001, List.of(5L, 2000L)))
                        .andThen(TestPlans.replacing(
                                Step.Capabilities.class,
                                new Step.Capabilities(TestPlans.ORDINARY_CAPABILITIES, 0, 0, 0, 0)))
                        .apply(steps),
                "sh",
                "-c",
                "grep -E '^(Uid|Gid|Groups|CapEff|CapPrm)' /proc/self/status; echo reopened > /dev/stdout");
        assertThat(host.run(plan)
                        .output()
                        .lines()
                        .map(line -> line.replaceAll("\\s+", " ").strip()))
                .containsExactly(
                        "Uid: 1000 1000 1000 1000",
                        "Gid: 1001 1001 1001 1001",
                        "Groups: 5 2000",
                        "CapPrm: 0000000000000000",
                        "CapEff: 0000000000000000",
                        "reopened");
    }

    @Test
    void containerHasNoDescriptorButItsStreams() throws Exception {
        Shim shim = sleeping();
        try (Stream<Path> open = Files.list(proc(shim.record().pid(), "fd"))) {
            assertThat(open.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("0", "1", "2");
        }
    }

    @Test
    void shimHasOnlyTheDescriptorsThatItNeeds() throws Exception {
        Shim shim = sleeping();
        List<String> kinds = new ArrayList<>();
        try (Stream<Path> open = Files.list(proc(shim.record().shimPid(), "fd"))) {
            for (Path path : open.toList()) {
                kinds.add(Files.readSymbolicLink(path)
                        .toString()
                        .replaceAll(":\\[\\d+]", "")
                        .replaceAll(".*/", ""));
            }
        }
        kinds.sort(null);
        String runtime = kinds.stream()
                .filter(kind -> kind.startsWith("run-"))
                .findFirst()
                .orElseThrow();
        String log = kinds.stream()
                .filter(kind -> kind.startsWith("log-"))
                .findFirst()
                .orElseThrow();
        assertThat(kinds)
                .containsExactlyInAnyOrder(
                        "null",
                        "null",
                        "null",
                        "socket",
                        "socket",
                        runtime,
                        log,
                        "00000001.log",
                        "pipe",
                        "pipe",
                        "anon_inode:[signalfd]",
                        kinds.contains("anon_inode:[pidfd]") ? "anon_inode:[pidfd]" : "pidfd");
    }

    @Test
    void shimSurvivesStraySignalsAndHasItsOwnSession() throws Exception {
        Shim shim = sleeping();
        int pid = shim.record().shimPid();
        for (int signal : new int[] {1, 2, 13, 15}) {
            new ProcessBuilder("kill", "-" + signal, String.valueOf(pid))
                    .start()
                    .waitFor();
        }
        assertThat(shim.signal(9)).isTrue();
        assertThat(shim.exit().get(60, TimeUnit.SECONDS).signal()).isEqualTo(9);
        String[] stat =
                Files.readString(proc(pid, "stat")).replaceAll(".*\\) ", "").split(" ", -1);
        assertThat(stat[3]).as("session").isEqualTo(String.valueOf(pid));
    }

    @Test
    void filesBelongToTheContainersRootInsideAndToTheMappedRootOutside() throws Exception {
        Step.OverlayRoot root = host.overlay();
        Path busybox = host.layers().resolve("bottom/bin/busybox");
        TestHost.Result result = host.run(TestPlans.container(
                root,
                false,
                false,
                "sh",
                "-c",
                "stat -c '%u:%g' /bin/busybox; touch /made; chown 7:8 /bin/busybox; stat -c '%u:%g' /bin/busybox"));
        assertThat(result.output()).isEqualTo("0:0\n7:8\n");
        assertThat(Files.getAttribute(root.upper().resolve("made"), "unix:uid")).isEqualTo((int) TestPlans.FIRST_ID);
        assertThat(Files.getAttribute(root.upper().resolve("bin/busybox"), "unix:uid"))
                .isEqualTo((int) TestPlans.FIRST_ID + 7);
        assertThat(Files.getAttribute(busybox, "unix:uid")).isEqualTo(0);
    }

    @Test
    void overlayOfFiveLayersShowsTheUppermostOfEachFile() throws Exception {
        List<String> layers = new ArrayList<>(List.of("bottom"));
        for (int i = 1; i <= 4; i++) {
            Path layer = host.layer("layer-" + i, "data");
            Files.writeString(layer.resolve("data/shared"), "from " + i);
            Files.writeString(layer.resolve("data/only-" + i), "x");
            layers.add("layer-" + i);
        }
        TestHost.Result result = host.run(TestPlans.container(
                host.overlay(layers.toArray(String[]::new)),
                false,
                false,
                "sh",
                "-c",
                "cat /data/shared; echo; ls /data"));
        assertThat(result.output()).isEqualTo("from 4\nonly-1\nonly-2\nonly-3\nonly-4\nshared\n");
    }

    @Test
    void overlayOfAHundredLayersFitsOneOption() throws Exception {
        List<String> layers = new ArrayList<>(List.of("bottom"));
        for (int i = 1; i < 80; i++) {
            host.layer("layer-with-a-rather-long-name-" + i, "n" + i);
            layers.add("layer-with-a-rather-long-name-" + i);
        }
        TestHost.Result result = host.run(TestPlans.container(
                host.overlay(layers.toArray(String[]::new)), false, false, "ls", "-d", "/n1", "/n79"));
        assertThat(result.output()).isEqualTo("/n1\n/n79\n");
    }

    @Test
    void hostsMountTableDoesNotGrow() throws Exception {
        Path mounts = Path.of("/proc/self/mountinfo");
        List<String> before = Files.readAllLines(mounts);
        sleeping();
        assertThat(Files.readAllLines(mounts).stream().filter(line -> line.contains(host.base.toString())))
                .isEmpty();
        assertThat(before).noneMatch(line -> line.contains(host.base.toString()));
    }

    @Test
    void hostNameNetworkAndProcessesAreTheContainersOwn() throws Exception {
        TestHost.Result result =
                host.run("sh", "-c", "hostname; ls /sys/class/net; echo $$; ls -d /proc/[0-9]* | wc -l");
        assertThat(result.output()).startsWith("box\nlo\n1\n");
    }

    @Test
    void maskedAndReadOnlyPathsHold() throws Exception {
        LaunchPlan plan = TestPlans.container(
                host.overlay(),
                false,
                false,
                TestPlans.before(
                        Step.ReadOnlyPath.class,
                        new Step.MaskedPath("/proc/version"),
                        new Step.MaskedPath("/sys/kernel"),
                        new Step.MaskedPath("/proc/absent")),
                "sh",
                "-c",
                "wc -c < /proc/version; ls /sys/kernel; touch /sys/kernel/x; echo $?;"
                        + " echo 1 > /proc/sys/kernel/hostname; echo h > /proc/sysrq-trigger; echo $?");
        TestHost.Result result = host.run(plan);
        assertThat(result.output()).isEqualTo("0\n1\n1\n");
        assertThat(result.error()).contains("Read-only file system");
    }

    @Test
    void hostsCorePatternAndReleaseAgentAreOutOfReach() throws Exception {
        String before = Files.readString(Path.of("/proc/sys/kernel/core_pattern"));
        TestHost.Result result = host.run(
                "sh",
                "-c",
                "mount -o remount,rw /proc/sys; echo '|/x' > /proc/sys/kernel/core_pattern;"
                        + " mkdir /tmp/c; mount -t cgroup -o memory c /tmp/c && echo /x > /tmp/c/release_agent && echo escaped");
        assertThat(result.output()).doesNotContain("escaped");
        assertThat(Files.readString(Path.of("/proc/sys/kernel/core_pattern"))).isEqualTo(before);
    }

    @Test
    void missingProgramIs127AndOneThatCannotBeExecutedIs126() throws IOException {
        assertExitCode(127, "/bin/absent", "run /bin/absent: ENOENT");
        assertExitCode(127, "absent", "run absent: ENOENT");
        assertExitCode(126, "/etc", "run /etc: EISDIR");
        Files.writeString(host.layers().resolve("bottom/etc/data"), "no program");
        assertExitCode(126, "/etc/data", "run /etc/data: EACCES");
    }

    @Test
    void programOfAnUnknownFormatIs126() throws IOException {
        Path file = Files.writeString(host.layers().resolve("bottom/bin/junk"), "\1\2\3");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        Shim shim = host.spawn(host.request(TestPlans.container(host.overlay(), false, false, "/bin/junk")));
        shim.proceed();
        assertThatThrownBy(shim::start)
                .isInstanceOfSatisfying(
                        LaunchException.class, e -> assertThat(e.exitCode()).isEqualTo(126))
                .hasMessageStartingWith("run /bin/junk: ENOEXEC");
    }

    private void assertExitCode(int code, String program, String message) throws IOException {
        Shim shim = host.spawn(host.request(TestPlans.container(host.overlay(), false, false, program)));
        assertThatThrownBy(shim::proceed)
                .isInstanceOfSatisfying(
                        LaunchException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
                .hasMessageStartingWith(message);
    }

    @Test
    void deathBySignalIsTold() throws Exception {
        TestHost.Result result = host.run("sh", "-c", "sh -c 'kill -9 $$'; exit $?");
        assertThat(result.exit().shellCode()).isEqualTo(137);
        Shim shim = sleeping();
        shim.signal(9);
        assertThat(shim.exit().get(60, TimeUnit.SECONDS).shellCode()).isEqualTo(137);
    }

    @Test
    void failedStepIsNamedWithErrnoAndTheKernelsWords() throws IOException {
        Step bad = Step.FileSystem.plain("tmpfs", "tmpfs", "/data", List.of("size=nonsense"), Set.of());
        Shim shim = host.spawn(host.request(TestPlans.container(
                host.overlay(), false, false, TestPlans.before(Step.PivotRoot.class, bad), "true")));
        assertThatThrownBy(shim::proceed)
                .isInstanceOfSatisfying(
                        LaunchException.class, e -> assertThat(e.exitCode()).isEqualTo(125))
                .hasMessageStartingWith("mount tmpfs on /data: EINVAL: Invalid argument")
                .hasMessageContaining("size");
    }

    @Test
    void failedLaunchLeavesNoProcess() throws Exception {
        Step bad = Step.Bind.plain(Path.of("/no/such/source"), "/data");
        Shim shim = host.spawn(host.request(TestPlans.container(
                host.overlay(), false, false, TestPlans.before(Step.PivotRoot.class, bad), "true")));
        assertThatThrownBy(shim::proceed).hasMessageStartingWith("bind /no/such/source on /data: ENOENT");
        TestHost.await(
                "container's process is gone",
                () -> !Files.exists(proc(shim.record().pid(), "stat")));
        TestHost.await("shim is gone", () -> !Files.exists(proc(shim.record().shimPid(), "stat")));
    }

    @Test
    void symlinkedProcIsRefused() throws IOException {
        Path layer = host.layer("evil");
        Files.createDirectories(layer.resolve("fake"));
        Files.createSymbolicLink(layer.resolve("proc"), Path.of("/fake"));
        Files.delete(host.layers().resolve("bottom/proc"));
        Shim shim = host.spawn(host.request(TestPlans.container(host.overlay("bottom", "evil"), false, false, "true")));
        assertThatThrownBy(shim::proceed)
                .hasMessageStartingWith("mount proc on /proc: ELOOP")
                .hasMessageContaining("symbolic link or lies on another mount");
    }

    @Test
    void procOnAVolumeIsRefused() throws IOException {
        Path volume = Files.createDirectories(host.base.resolve("volume"));
        Step bind = Step.Bind.plain(volume, "/proc");
        Shim shim = host.spawn(host.request(TestPlans.container(
                host.overlay(), false, false, TestPlans.before(Step.FileSystem.class, bind), "true")));
        assertThatThrownBy(shim::proceed).hasMessageStartingWith("mount proc on /proc: EXDEV");
    }

    @Test
    void workingDirectoryThroughALeakedDescriptorIsRefused() throws IOException {
        for (int number = 3; number <= 20; number++) {
            Step directory = new Step.WorkingDirectory("/proc/self/fd/" + number, false);
            Shim shim = host.spawn(host.request(TestPlans.container(
                    host.overlay(),
                    false,
                    false,
                    TestPlans.replacing(Step.WorkingDirectory.class, directory),
                    "true")));
            assertThatThrownBy(shim::proceed)
                    .as("descriptor " + number)
                    .isInstanceOf(LaunchException.class)
                    .hasMessageStartingWith("change to the working directory /proc/self/fd/");
        }
    }

    @Test
    void entryPointThatRunsTheShimItselfCannotChangeIt() throws Exception {
        Path script = Files.writeString(host.layers().resolve("bottom/bin/again"), "#!/proc/self/exe\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        TestHost.Result result = host.run("/bin/again");
        assertThat(result.exit().code()).isEqualTo(125);
        Shim shim = sleeping();
        try (Session session = shim.exec(TestPlans.exec(false, false, "/bin/again"), AttachOptions.WATCH)) {
            assertThat(TestHost.collect(session).exit().code()).isEqualTo(125);
        }
        try (InputStream original = Shims.class.getResourceAsStream("flotilla-shim")) {
            assertThat(original).isNotNull();
            assertThat(Files.readAllBytes(Path.of(host.shims.programPath()))).isEqualTo(original.readAllBytes());
        }
        assertThatThrownBy(() -> Files.write(proc(shim.record().shimPid(), "exe"), new byte[] {1}))
                .isInstanceOf(IOException.class);
    }

    @Test
    void shimsSocketIsNoAbstractOne() throws Exception {
        sleeping();
        assertThat(Files.readAllLines(Path.of("/proc/net/unix")).stream()
                        .filter(line -> line.contains("@"))
                        .filter(line -> line.contains("shim") || line.contains("flotilla")))
                .isEmpty();
    }

    @Test
    void oomScoreLimitsAndNamesAreThoseOfThePlan() throws Exception {
        LaunchPlan plan = TestPlans.container(
                host.overlay(),
                false,
                false,
                TestPlans.before(Step.OverlayRoot.class, new Step.OomScore(321), new Step.ResourceLimit(7, 200, 300)),
                "sh",
                "-c",
                "cat /proc/self/oom_score_adj; grep 'open files' /proc/self/limits");
        assertThat(host.run(plan).output().replaceAll(" +", " ")).isEqualTo("321\nMax open files 200 300 files \n");
    }

    @Test
    void joinsTheNetworkOfAnotherContainer() throws Exception {
        int other = sleeping().record().pid();
        LaunchPlan plan = TestPlans.container(
                host.overlay(),
                false,
                false,
                steps -> steps.stream()
                        .filter(step -> !(step instanceof Step.Sysctl))
                        .filter(step ->
                                !(step instanceof Step.FileSystem f && f.type().equals("sysfs")))
                        .filter(step ->
                                !(step instanceof Step.MaskedPath m && m.path().startsWith("/sys")))
                        .map(step -> step instanceof Step.Namespaces
                                ? new Step.Namespaces(
                                        without(TestPlans.EVERY_NAMESPACE, Namespace.NETWORK),
                                        Map.of(Namespace.NETWORK, proc(other, "ns/net")))
                                : step)
                        .toList(),
                "readlink",
                "/proc/self/ns/net");
        assertThat(host.run(plan).output().strip())
                .isEqualTo(Files.readSymbolicLink(proc(other, "ns/net")).toString());
    }

    private static Set<Namespace> without(Set<Namespace> all, Namespace one) {
        return Set.copyOf(all.stream().filter(namespace -> namespace != one).toList());
    }
}
