package io.flotilla.agent.ocicli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The same commands on the same bundle, with our runtime and with runc: what engines see of both must be the same. */
@ExtendWith(NeedsRunc.class)
class OciBesideRuncTest {

    @TempDir
    private Path directory;

    private TestRuntime ours;
    private TestRuntime runc;

    /** Differs from runtime to runtime, since a cgroup is named after it. */
    private final String suffix = Long.toString(System.nanoTime(), 36);

    @BeforeEach
    void prepare() {
        ours = TestRuntime.ours(directory);
        runc = TestRuntime.runc(directory);
    }

    @AfterEach
    void deleteAll() throws IOException, InterruptedException {
        ours.run("delete", "--force", id(ours));
        runc.run("delete", "--force", id(runc));
    }

    private String id(TestRuntime runtime) {
        return (runtime.equals(ours) ? "ours-" : "runc-") + suffix;
    }

    @Test
    void livesAsUnderRunc() throws Exception {
        assertThat(life(ours)).isEqualTo(life(runc));
    }

    /** Everything that an engine could tell the runtimes apart by, but for ids, pids and times. */
    private List<String> life(TestRuntime runtime) throws Exception {
        Path bundle = TestRuntime.bundle(
                directory.resolve("bundle"),
                "echo begun; trap 'exit 9' TERM; while :; do sleep 0.05; done",
                config -> config.put("annotations", java.util.Map.of("org.example.colour", "red")));
        String id = id(runtime);
        Path out = directory.resolve(id + ".out");
        Path pidFile = directory.resolve(id + ".pid");
        List<String> seen = new ArrayList<>();
        seen.add("create "
                + runtime.detach(out, "create", "--bundle", bundle.toString(), "--pid-file", pidFile.toString(), id));
        String pid = Files.readString(pidFile);
        describe(runtime, id, pid, seen);
        seen.add("quiet list " + runtime.run("list", "-q").out().equals(id + "\n"));
        seen.add("again "
                + runtime.run("create", "--bundle", bundle.toString(), id).reason());
        seen.add("not yet " + Files.readString(out));
        tell(seen, runtime, "start", id);
        awaitContent(out, "begun\n");
        describe(runtime, id, pid, seen);
        seen.add("children " + runtime.run("ps", "--format", "json", id).out().contains(pid));
        tell(seen, runtime, "start", id);
        tell(seen, runtime, "delete", id);
        tell(seen, runtime, "exec", id, "sh", "-c", "echo inside; exit 7");
        tell(
                seen,
                runtime,
                "exec",
                "--env",
                "A=b",
                "--cwd",
                "/bin",
                "--user",
                "5:6",
                id,
                "sh",
                "-c",
                "echo $A; pwd; id");
        tell(seen, runtime, "exec", id, "nonesuch");
        tell(seen, runtime, "exec", id, "/bin/nonesuch");
        tell(seen, runtime, "exec", id, "/bin");
        tell(seen, runtime, "exec", id);
        tell(seen, runtime, "pause", id);
        describe(runtime, id, pid, seen);
        tell(seen, runtime, "exec", id, "true");
        tell(seen, runtime, "start", id);
        tell(seen, runtime, "resume", id);
        tell(seen, runtime, "resume", id);
        tell(seen, runtime, "kill", id, "NOSUCH");
        tell(seen, runtime, "kill", id, "0");
        tell(seen, runtime, "kill", id);
        awaitStopped(runtime, id);
        describe(runtime, id, "0", seen);
        for (String command : List.of("kill", "start", "pause", "resume")) {
            tell(seen, runtime, command, id);
        }
        tell(seen, runtime, "exec", id, "true");
        tell(seen, runtime, "delete", id);
        for (String command : List.of("state", "start", "kill", "delete", "pause", "resume", "ps")) {
            tell(seen, runtime, command, id);
        }
        tell(seen, runtime, "delete", "--force", id);
        return seen;
    }

    private static void describe(TestRuntime runtime, String id, String pid, List<String> seen) throws Exception {
        var state = runtime.state(id);
        seen.add("fields " + state.keySet());
        seen.add("id " + id.equals(state.get("id")) + ", pid " + pid.equals(String.valueOf(state.get("pid"))));
        for (String field : List.of("status", "bundle", "rootfs", "annotations", "owner")) {
            seen.add(field + " " + state.get(field));
        }
        String line = runtime.run("list").out().lines().skip(1).findFirst().orElse("");
        seen.add("line " + line.contains(id) + List.of(line.split("\\s+", -1)).get(2));
    }

    private static void tell(List<String> seen, TestRuntime runtime, String... arguments) throws Exception {
        TestRuntime.Result result = runtime.run(arguments);
        String said = (result.out() + result.reason()).replaceAll("(ours|runc)-", "");
        seen.add(arguments[0] + " " + result.status() + " " + said);
    }

    private static void awaitContent(Path file, String content) throws Exception {
        await(() -> Files.readString(file).equals(content), file + " to hold " + content);
    }

    private static void awaitStopped(TestRuntime runtime, String id) throws Exception {
        await(() -> "stopped".equals(runtime.state(id).get("status")), id + " to stop");
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition, String what) throws Exception {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("waited in vain for " + what);
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void showsTheProgramWhatRuncShows() throws Exception {
        Path bundle = TestRuntime.bundle(
                directory.resolve("bundle"),
                "id; ls -l /proc/self/fd | wc -l; cat /proc/self/cgroup; grep -E '^(Cap|NoNew|Seccomp:|SigBlk)' /proc/self/status;"
                        + " cat /proc/self/oom_score_adj; ls /dev; ls /sys/fs/cgroup; hostname; grep -c . /proc/mounts > /dev/null;"
                        + " echo x > /x; exit 3",
                config -> {});
        Path applets = bundle.resolve("rootfs/bin");
        for (String name : List.of("wc", "grep", "hostname")) {
            Files.createSymbolicLink(applets.resolve(name), Path.of("busybox"));
        }
        TestRuntime.Result mine = ours.run("run", "--bundle", bundle.toString(), id(ours));
        TestRuntime.Result theirs = runc.run("run", "--bundle", bundle.toString(), id(runc));
        assertThat(mine.status()).isEqualTo(theirs.status()).isEqualTo(3);
        assertThat(mine.out()).isEqualTo(theirs.out());
        assertThat(mine.error()).isEqualTo(theirs.error());
    }

    @Test
    void refusesBundlesAndIdsWithTheSameStatus() throws Exception {
        Path good = TestRuntime.bundle(directory.resolve("good"), "true", config -> {});
        Path broken = Files.createDirectories(directory.resolve("broken"));
        Files.writeString(broken.resolve("config.json"), "{\"ociVersion\": ");
        Path missing = TestRuntime.bundle(
                directory.resolve("missing"),
                "true",
                config -> Json.child(config, "root").put("path", "nowhere"));
        Path program = TestRuntime.bundle(
                directory.resolve("program"),
                "true",
                config -> Json.child(config, "process").put("args", List.of("/no/program")));
        for (TestRuntime runtime : List.of(ours, runc)) {
            String id = id(runtime);
            for (Path bundle : List.of(directory.resolve("none"), broken, missing, program)) {
                TestRuntime.Result result =
                        runtime.detach(directory.resolve("out"), "create", "--bundle", bundle.toString(), id);
                assertThat(result.status()).as(bundle.toString()).isEqualTo(1);
                assertThat(result.error()).isNotBlank();
            }
            assertThat(runtime.run("create", "--bundle", good.toString(), "../escape")
                            .status())
                    .isEqualTo(1);
            assertThat(runtime.run("state").status()).isEqualTo(1);
            assertThat(runtime.run("state", "--colour", id).status()).isEqualTo(1);
            assertThat(runtime.run("list", "-q").out()).isEmpty();
        }
        assertThat(ours.detach(directory.resolve("out"), "create", "--bundle", missing.toString(), id(ours))
                        .error())
                .contains("root.path", missing.resolve("nowhere").toString());
        assertThat(ours.detach(directory.resolve("out"), "create", "--bundle", broken.toString(), id(ours))
                        .error())
                .contains(broken.resolve("config.json") + ": line 1");
        assertThat(ours.detach(directory.resolve("out"), "create", "--bundle", program.toString(), id(ours))
                        .reason())
                .isEqualTo(runc.detach(directory.resolve("out"), "create", "--bundle", program.toString(), id(runc))
                        .reason());
        assertThat(ours.root()).isEmptyDirectory();
    }

    @Test
    void writesErrorsToTheLogInTheFormatThatEnginesRead() throws Exception {
        for (TestRuntime runtime : List.of(ours, runc)) {
            Path log = directory.resolve("log");
            TestRuntime logging = new TestRuntime(
                    java.util.stream.Stream.concat(
                                    runtime.command().stream(),
                                    java.util.stream.Stream.of("--log", log.toString(), "--log-format", "json"))
                            .toList(),
                    runtime.root());
            TestRuntime.Result result = logging.run("state", "nobody");
            assertThat(result.status()).isEqualTo(1);
            assertThat(result.error()).isEqualTo("container does not exist\n");
            String lines = Files.readString(log);
            var line = Json.object("log", lines.lines().reduce("", (a, b) -> b));
            assertThat(line).containsEntry("level", "error").containsEntry("msg", "container does not exist");
            assertThat(String.valueOf(line.get("time"))).matches("\\d{4}-\\d\\d-\\d\\dT.*");
            Files.delete(log);
        }
    }
}
