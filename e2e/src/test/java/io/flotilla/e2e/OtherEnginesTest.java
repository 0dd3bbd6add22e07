package io.flotilla.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines as they are, podman and dockerd, with our OCI runtime in runc's place: what their users do every day works. */
class OtherEnginesTest {

    private static final Path AGENT = Flotilla.ROOT.resolve("node-agent/target/flotilla-agent");
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String IMAGE = "localhost/box:1";

    @TempDir
    private Path directory;

    private Path runtime;

    /** Both take the same words. */
    private record Engine(List<String> command, List<String> run) {

        Command call(String... arguments) {
            List<String> line = new ArrayList<>(command);
            line.addAll(List.of(arguments));
            return Command.run(SOON, Path.of("."), line.toArray(String[]::new));
        }

        Command run(String... arguments) {
            List<String> line = new ArrayList<>(List.of("run"));
            line.addAll(run);
            line.addAll(List.of(arguments));
            return call(line.toArray(String[]::new));
        }

        /** At a terminal. */
        Command atTerminal(String... arguments) {
            String line = String.join(" ", command) + " " + String.join(" ", arguments);
            return Command.run(SOON, Path.of("."), "script", "-qec", line, "/dev/null");
        }
    }

    @BeforeEach
    void installTheRuntime() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "containers need root");
        assertThat(AGENT).isExecutable();
        runtime = directory.resolve("flotilla-oci");
        Files.writeString(
                runtime, "#!/bin/sh\nexec " + AGENT + " oci --root " + directory.resolve("state") + " \"$@\"\n");
        assertThat(runtime.toFile().setExecutable(true)).isTrue();
    }

    private Path image() throws IOException {
        Path bin = Files.createDirectories(directory.resolve("image/bin"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        for (String name : List.of("sh", "cat", "echo", "sleep", "tty", "ip")) {
            Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
        }
        Path archive = directory.resolve("image.tar");
        Command.run("tar", "-C", directory.resolve("image").toString(), "-cf", archive.toString(), ".")
                .success();
        return archive;
    }

    @Test
    void podmanRunsContainersWithOurRuntime() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/podman")), "podman is not installed");
        Engine podman = new Engine(
                List.of(
                        "podman",
                        "--root=" + directory.resolve("podman"),
                        "--runroot=" + directory.resolve("podman-run"),
                        "--cgroup-manager=cgroupfs",
                        "--storage-driver=vfs",
                        "--runtime=" + runtime),
                // Podman's own defaults are above the hard limits of a host without CAP_SYS_RESOURCE.
                List.of("--network=none", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"));
        podman.call("import", image().toString(), IMAGE).success();
        liveADay(podman);
        podman.call("rmi", "--force", IMAGE).success();
    }

    @Test
    void dockerRunsContainersWithOurRuntimeOnItsBridge() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/sbin/dockerd")), "dockerd is not installed");
        Path socket = directory.resolve("sock");
        File log = directory.resolve("dockerd.log").toFile();
        // In a network namespace of its own, so that its bridge and its rules are nobody else's.
        Process daemon = new ProcessBuilder(
                        "unshare",
                        "--net",
                        "dockerd",
                        "--data-root=" + directory.resolve("docker"),
                        "--exec-root=" + directory.resolve("docker-run"),
                        "--pidfile=" + directory.resolve("pid"),
                        "--host=unix://" + socket,
                        "--storage-driver=vfs",
                        "--add-runtime=flotilla=" + runtime)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        try {
            Engine docker = new Engine(List.of("docker", "--host=unix://" + socket), List.of("--runtime=flotilla"));
            Await.until("dockerd to answer", SOON, () -> docker.call("version").status() == 0);
            docker.call("import", image().toString(), IMAGE).success();
            assertThat(docker.run("--rm", IMAGE, "ip", "addr", "show", "eth0").success())
                    .as("the prestart hook has connected the container")
                    .contains("inet 172.");
            liveADay(docker);
        } finally {
            daemon.destroy();
            assertThat(daemon.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    private void liveADay(Engine engine) throws Exception {
        assertThat(engine.run("--rm", IMAGE, "echo", "hello").success()).isEqualTo("hello\n");
        assertThat(engine.run("--rm", IMAGE, "sh", "-c", "exit 5").status()).isEqualTo(5);
        assertThat(engine.run("--rm", IMAGE, "nonesuch").status()).isEqualTo(127);
        assertThat(engine.run("--rm", IMAGE, "/bin").status()).isEqualTo(126);
        assertThat(pipe(engine, "echo from a pipe | cat; exit 3")).isEqualTo("from a pipe\n3");
        String options = String.join(" ", engine.run());
        assertThat(engine.atTerminal("run", options, "--rm", "-it", IMAGE, "sh", "-c", "'tty; exit 4'"))
                .satisfies(result -> assertThat(result.output()).contains("/dev/pts/0"))
                .satisfies(result -> assertThat(result.status()).isEqualTo(4));

        String id = engine.run("-d", "--name=box", "--memory=64m", "--pids-limit=50", IMAGE, "sleep", "1000")
                .success()
                .strip();
        assertThat(engine.call("exec", "box", "echo", "inside").success()).isEqualTo("inside\n");
        assertThat(engine.call("exec", "box", "sh", "-c", "exit 6").status()).isEqualTo(6);
        assertThat(engine.call("exec", "--user=7", "box", "sh", "-c", "echo > /x")
                        .output())
                .contains("Permission denied");
        assertThat(engine.atTerminal("exec", "-it", "box", "tty").output()).contains("/dev/pts/");
        engine.call("pause", "box").success();
        assertThat(status(engine)).isEqualTo("paused");
        engine.call("unpause", "box").success();
        assertThat(status(engine)).isEqualTo("running");
        engine.call("update", "--memory=100m", "box").success();
        assertThat(engine.call(
                                "exec",
                                "box",
                                "cat",
                                "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                                "/sys/fs/cgroup/memory.max")
                        .output())
                .contains("104857600");
        // Docker counts nothing at all where a hierarchy exists and is mounted nowhere, whatever the runtime.
        assertThat(engine.call("stats", "--no-stream", "--format={{.PIDs}}", "box")
                        .success())
                .isIn(everyHierarchyIsMounted() ? List.of("1\n") : List.of("0\n", "1\n"));
        assertThat(engine.call("top", "box").success()).contains("sleep 1000");
        engine.call("kill", "box").success();
        Await.until("the killed container's end", SOON, () -> status(engine).equals("exited"));
        assertThat(engine.call("inspect", "--format={{.State.ExitCode}}", "box").success())
                .isEqualTo("137\n");
        engine.call("start", "box").success();
        engine.call("rm", "--force", "box").success();
        leavesNothing(id);
    }

    private static boolean everyHierarchyIsMounted() throws IOException {
        String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
        return Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
                .map(line -> line.split(":", -1)[1])
                .allMatch(hierarchy -> hierarchy.isEmpty() || mounts.contains(hierarchy));
    }

    private static String status(Engine engine) {
        return engine.call("inspect", "--format={{.State.Status}}", "box")
                .success()
                .strip();
    }

    /** What a shell in a container prints that reads its commands from a pipe, and its exit status. */
    private static String pipe(Engine engine, String commands) throws Exception {
        List<String> line = new ArrayList<>(engine.command());
        line.add("run");
        line.addAll(engine.run());
        line.addAll(List.of("--rm", "-i", IMAGE, "sh"));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        process.getOutputStream().write((commands + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return output + process.waitFor();
    }

    private void leavesNothing(String id) throws IOException {
        assertThat(Command.run("find", directory.toString(), "-path", "*" + id + "/state.json")
                        .success())
                .isEmpty();
        assertThat(Command.run("find", "/sys/fs/cgroup", "-type", "d", "-name", "*" + id + "*")
                        .success())
                .isEmpty();
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(id);
    }
}
