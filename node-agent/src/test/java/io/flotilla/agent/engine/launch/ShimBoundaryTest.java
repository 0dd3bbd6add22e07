package io.flotilla.agent.engine.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bind mounts, races against them, filters and control groups: where a container touches what is not its own. */
@Tag("kernel")
@ExtendWith(RootRequired.class)
@Timeout(180)
class ShimBoundaryTest {

    private static final Step.IdMapped WITH_MOUNTS_BELOW =
            new Step.IdMapped(Step.IdMapped.Depth.WITH_MOUNTS_BELOW, List.of(), List.of());

    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = new TestHost();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private static Step.Bind bind(Path source, String target, boolean idmapped, MountAttribute... set) {
        return new Step.Bind(
                source,
                target,
                true,
                idmapped ? WITH_MOUNTS_BELOW : Step.IdMapped.NOT,
                Step.Attributes.NONE,
                new Step.Attributes(Set.of(set), Set.of()),
                Propagation.RPRIVATE);
    }

    private LaunchPlan with(List<Step> added, String... argv) throws IOException {
        return TestPlans.container(
                host.overlay(), false, false, TestPlans.before(Step.PivotRoot.class, added.toArray(Step[]::new)), argv);
    }

    @Test
    void boundDirectoryAndFileAppearAtTargetsThatAreMade() throws Exception {
        Path directory = Files.createDirectories(host.base.resolve("volume"));
        Files.writeString(directory.resolve("file"), "content");
        TestHost.Result result = host.run(with(
                List.of(bind(directory, "/deep/er/volume", false), bind(directory.resolve("file"), "/etc/one", false)),
                "cat",
                "/deep/er/volume/file",
                "/etc/one"));
        assertThat(result.output()).isEqualTo("contentcontent");
    }

    @Test
    void idmappedVolumeBelongsToTheContainersRootOnBothSides() throws Exception {
        Path volume = Files.createDirectories(host.base.resolve("volume"));
        TestHost.Result result = host.run(with(
                List.of(bind(volume, "/data", true)),
                "sh",
                "-c",
                "touch /data/made && stat -c %u:%g /data /data/made"));
        assertThat(result.output()).isEqualTo("0:0\n0:0\n");
        assertThat(Files.getAttribute(volume.resolve("made"), "unix:uid")).isEqualTo(0);
    }

    @Test
    void readOnlyBindCannotBeMadeWritableFromInside() throws Exception {
        Path volume = Files.createDirectories(host.base.resolve("volume"));
        TestHost.Result result = host.run(
                with(
                        List.of(bind(volume, "/data", true, MountAttribute.READ_ONLY, MountAttribute.NO_SUID)),
                        "sh",
                        "-c",
                        "touch /data/x; mount -o remount,bind,rw /data; touch /data/y; grep -o ' /data [a-z0-9]* ro,nosuid' /proc/mounts | sed 's/ [a-z0-9]* ro/ ro/'"));
        assertThat(result.output()).isEqualTo(" /data ro,nosuid\n");
        try (Stream<Path> made = Files.list(volume)) {
            assertThat(made).isEmpty();
        }
    }

    @Test
    void mountTargetThatIsExchangedForALinkMeanwhileLeadsNowhereElse() throws Exception {
        Path volume = Files.createDirectories(host.base.resolve("volume"));
        Path outside = Files.createDirectories(host.base.resolve("outside"));
        Path target = volume.resolve("swapped");
        AtomicBoolean stop = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> swap(target, outside, stop));
        try {
            for (int round = 0; round < 25; round++) {
                Step inner = Step.FileSystem.plain("tmpfs", "tmpfs", "/data/swapped/inner", List.of(), Set.of());
                Shim shim = host.spawn(host.request(with(List.of(bind(volume, "/data", true), inner), "true")));
                try {
                    shim.proceed();
                } catch (LaunchException lostTheRace) {
                    assertThat(lostTheRace).hasMessageStartingWith("mount tmpfs on /data/swapped/inner");
                }
                assertNothingIn(outside);
                shim.signal(9);
            }
        } finally {
            stop.set(true);
            swapper.join();
        }
        assertNothingIn(outside);
    }

    /** Now a directory, now a link out of the root; whatever the container's side made in between is removed. */
    private static void swap(Path target, Path outside, AtomicBoolean stop) {
        boolean link = false;
        while (!stop.get()) {
            try {
                if (!Files.isSymbolicLink(target)) {
                    Files.deleteIfExists(target.resolve("inner"));
                }
                Files.deleteIfExists(target);
                link = !link;
                if (link) {
                    Files.createSymbolicLink(target, outside);
                } else {
                    Files.createDirectory(target);
                }
            } catch (IOException lostTheRace) {
                Thread.onSpinWait();
            }
        }
    }

    private static void assertNothingIn(Path outside) throws IOException {
        try (Stream<Path> found = Files.list(outside)) {
            assertThat(found).isEmpty();
        }
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(outside.toString());
    }

    @Test
    void deviceOfTheHostThatIsNotWhatThePlanSaysIsRefused() throws Exception {
        Step wrong = new Step.DeviceNode("/dev/full", Step.DeviceNode.Kind.CHARACTER, 1, 3, 0666, 0, 0, true);
        Shim shim = host.spawn(host.request(with(List.of(wrong), "true")));
        assertThatThrownBy(shim::proceed).hasMessageContaining("not the expected device: /dev/full");
    }

    @Test
    void filterIsInForceForTheProgramAndNotBefore() throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the test's filter holds x86-64 call numbers");
        // mkdir and mkdirat, which the plan's own steps use, give ENOSYS.
        ByteBuffer program = ByteBuffer.allocate(5 * 8).order(ByteOrder.LITTLE_ENDIAN);
        instruction(program, 0x20, 0, 0, 0);
        instruction(program, 0x15, 1, 0, 83);
        instruction(program, 0x15, 0, 1, 258);
        instruction(program, 0x06, 0, 0, 0x00050000 | 38);
        instruction(program, 0x06, 0, 0, 0x7fff0000);
        Step filter = new Step.Seccomp(program.flip(), 0);
        LaunchPlan plan = TestPlans.container(
                host.overlay(),
                false,
                false,
                TestPlans.before(Step.Execute.class, filter),
                "sh",
                "-c",
                "mkdir /tmp/x; grep -E '^Seccomp:' /proc/self/status");
        TestHost.Result result = host.run(plan);
        assertThat(result.error()).contains("Function not implemented");
        assertThat(result.output()).isEqualTo("Seccomp:\t2\n");
    }

    private static void instruction(ByteBuffer program, int code, int whenTrue, int whenFalse, int operand) {
        program.putShort((short) code)
                .put((byte) whenTrue)
                .put((byte) whenFalse)
                .putInt(operand);
    }

    @Test
    void containerAndItsExecsAreInTheGroupsOfThePlanAndSeeThemAsTheRoot() throws Exception {
        List<Path> groups = makeGroups();
        assumeTrue(!groups.isEmpty(), "no control group can be made here");
        Step[] joins = groups.stream().map(Step.JoinCgroup::new).toArray(Step[]::new);
        Shim shim = host.spawn(host.request(TestPlans.container(
                host.overlay(), false, false, TestPlans.before(Step.OverlayRoot.class, joins), "sleep", "1000")));
        try {
            shim.proceed();
            shim.start();
            LaunchPlan plan = TestPlans.exec(false, false, "sh", "-c", "cat /proc/self/cgroup /proc/1/cgroup");
            List<Step> steps = new ArrayList<>(List.of(joins));
            steps.addAll(plan.steps());
            List<String> lines;
            try (Session session = shim.exec(new LaunchPlan(LaunchPlan.Kind.EXEC, steps), AttachOptions.WATCH)) {
                lines = TestHost.collect(session).output().lines().toList();
            }
            assertThat(lines.stream().filter(line -> line.endsWith(":/")))
                    .hasSizeGreaterThanOrEqualTo(2 * groups.size());
            assertThat(lines).noneMatch(line -> line.contains("flotilla-shim-test"));
        } finally {
            shim.signal(9);
            shim.exit().join();
            removeGroups(groups);
        }
    }

    /** One group in the v2 hierarchy and one in v1's pids, where these are. */
    private static List<Path> makeGroups() throws IOException {
        List<Path> made = new ArrayList<>();
        for (String parent : List.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids")) {
            Path group = Path.of(
                    parent, "flotilla-shim-test-" + ProcessHandle.current().pid());
            if (Files.exists(Path.of(parent, "cgroup.procs"))) {
                made.add(Files.createDirectory(group));
            }
        }
        return made;
    }

    private static void removeGroups(List<Path> groups) throws InterruptedException {
        TestHost.await("the groups are empty", () -> {
            for (Path group : groups) {
                try {
                    Files.deleteIfExists(group);
                } catch (IOException stillUsed) {
                    return false;
                }
            }
            return true;
        });
    }

    @Test
    void logSegmentsRollOverAndOldOnesGo() throws Exception {
        LaunchPlan plan = TestPlans.container(
                host.overlay(),
                false,
                false,
                TestPlans.replacing(Step.Log.class, new Step.Log(65536, 2)),
                "sh",
                "-c",
                "seq 1 50000");
        ShimRequest request = host.request(plan);
        Shim shim = host.spawn(request);
        shim.proceed();
        shim.start();
        shim.exit().join();
        try (Stream<Path> segments = Files.list(TestHost.logs(request))) {
            List<Path> kept = segments.sorted().toList();
            assertThat(kept).hasSize(2);
            assertThat(Files.readString(kept.getLast())).endsWith(" stdout F 50000\n");
            for (Path segment : kept) {
                assertThat(Files.size(segment)).isLessThanOrEqualTo(65536);
            }
        }
    }
}
