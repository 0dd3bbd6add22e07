package io.flotilla.e2e.bench;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Other people's engines, as far as they are installed, and the floor that no engine can get below. */
final class Peers {

    private static final int DOCKER_SECONDS = 60;

    private Peers() {}

    /** A candidate that is a command. */
    static Candidate command(String name, Workbench bench, List<String> command) {
        return Candidate.of(name, () -> bench.time(command));
    }

    static Candidate floor(Workbench bench) throws IOException {
        Path program = bench.compile("floor");
        Path work = Files.createDirectories(bench.directory.resolve("floor-work"));
        return Candidate.of(
                "floor: bare C, all namespaces, overlay",
                () -> Long.parseLong(
                        Workbench.output(program.toString(), bench.image.toString(), work.toString(), "1")));
    }

    static Optional<Candidate> runc(Workbench bench) throws IOException {
        if (Workbench.find("runc").isEmpty()) {
            return Optional.empty();
        }
        Path bundle = bundle(bench);
        return Optional.of(command(
                "runc run, no network",
                bench,
                List.of(
                        "runc",
                        "--root",
                        bench.directory.resolve("runc").toString(),
                        "run",
                        "-b",
                        bundle.toString(),
                        id())));
    }

    /** On a hybrid host crun refuses to run unless it does not see the v2 hierarchy. */
    static Optional<Candidate> crun(Workbench bench) throws IOException {
        if (Workbench.find("crun").isEmpty()) {
            return Optional.empty();
        }
        var crun = bench.timed(List.of(
                "crun",
                "--root",
                bench.directory.resolve("crun").toString(),
                "run",
                "-b",
                bundle(bench).toString(),
                id()));
        var command = new ArrayList<>(List.of(
                "unshare",
                "-m",
                "sh",
                "-c",
                "if mountpoint -q /sys/fs/cgroup/unified; then umount -l /sys/fs/cgroup/unified; fi; exec \"$@\"",
                "sh"));
        command.addAll(crun);
        return Optional.of(Candidate.of(
                "crun run, no network", () -> Long.parseLong(Workbench.output(command.toArray(String[]::new)))));
    }

    private static String id() {
        return "flotilla-bench-" + ProcessHandle.current().pid();
    }

    private static Path bundle(Workbench bench) throws IOException {
        Path bundle = bench.directory.resolve("bundle");
        Path config = bundle.resolve("config.json");
        if (Files.exists(config)) {
            return bundle;
        }
        Files.createDirectories(bundle);
        Workbench.output(Workbench.find("runc").isPresent() ? "runc" : "crun", "spec", "-b", bundle.toString());
        var mapper = JsonMapper.shared();
        var spec = (ObjectNode) mapper.readTree(Files.readString(config));
        var process = (ObjectNode) spec.get("process");
        process.put("terminal", false);
        process.putArray("args").add("/bin/true");
        ((ObjectNode) spec.get("root")).put("path", bench.image.toString());
        Files.writeString(config, mapper.writeValueAsString(spec));
        return bundle;
    }

    /** A daemon of its own in the bench's network namespace, and its candidates; the last one ends the daemon. */
    static List<Candidate> docker(Workbench bench) throws Exception {
        Optional<Path> dockerd = Workbench.find("dockerd");
        if (dockerd.isEmpty() || Workbench.find("docker").isEmpty()) {
            return List.of();
        }
        Path home = Files.createDirectories(bench.directory.resolve("docker"));
        Process daemon = bench.inNamespace(() -> new ProcessBuilder(
                        dockerd.get().toString(),
                        "--data-root=" + home.resolve("data"),
                        "--exec-root=" + home.resolve("exec"),
                        "--pidfile=" + home.resolve("pid"),
                        "--host=unix://" + home.resolve("sock"))
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start());
        try {
            List<String> docker = List.of("docker", "--host", "unix://" + home.resolve("sock"));
            await(daemon, docker, home.resolve("log"));
            importImage(bench, docker);
            return List.of(
                    dockerRun(bench, docker, "docker run --rm, no network", "--network=none"),
                    dockerRun(bench, docker, "docker run --rm, bridge", "--network=bridge"),
                    Prompt.of(
                            "docker run --rm -it, to the shell's prompt",
                            with(docker, "run", "--rm", "-it", "flotilla-bench", "/bin/sh")),
                    new EndsDaemon(
                            dockerRun(bench, docker, "docker run --rm, bridge and a published port", "--publish=80"),
                            daemon));
        } catch (IOException | InterruptedException e) {
            daemon.destroy();
            throw e;
        }
    }

    private static Candidate dockerRun(Workbench bench, List<String> docker, String name, String network) {
        return command(name, bench, with(docker, "run", "--rm", network, "flotilla-bench", "/bin/true"));
    }

    private static void importImage(Workbench bench, List<String> docker) throws IOException {
        Path archive = bench.directory.resolve("image.tar");
        Workbench.output("tar", "-C", bench.image.toString(), "-cf", archive.toString(), ".");
        Workbench.output(
                with(docker, "import", archive.toString(), "flotilla-bench").toArray(String[]::new));
    }

    private static void await(Process daemon, List<String> docker, Path log) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DOCKER_SECONDS);
        while (new ProcessBuilder(with(docker, "version"))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                != 0) {
            if (!daemon.isAlive() || System.nanoTime() - deadline > 0) {
                throw new IOException("dockerd did not start: " + Files.readString(log));
            }
        }
    }

    private static List<String> with(List<String> first, String... rest) {
        var all = new ArrayList<>(first);
        all.addAll(List.of(rest));
        return all;
    }

    private record EndsDaemon(Candidate last, Process daemon) implements Candidate {
        @Override
        public String name() {
            return last.name();
        }

        @Override
        public long run() throws Exception {
            return last.run();
        }

        @Override
        public void close() throws IOException {
            daemon.destroy();
            try {
                daemon.waitFor(DOCKER_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while dockerd ended");
            }
        }
    }
}
