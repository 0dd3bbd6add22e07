package io.flotilla.e2e.bench;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How other people's tools get an image ready to be run, as far as they are installed. */
final class ImagePeers {

    private static final int DOCKER_SECONDS = 60;

    private ImagePeers() {}

    static List<Candidate> all(Workbench bench, String image) throws IOException {
        List<Candidate> peers = new ArrayList<>();
        if (Workbench.find("dockerd").isPresent() && Workbench.find("docker").isPresent()) {
            peers.add(docker(bench, image));
        }
        if (Workbench.find("skopeo").isPresent() && Workbench.find("umoci").isPresent()) {
            peers.add(Candidate.of("skopeo copy + umoci unpack, gzip", () -> skopeo(bench, image)));
        }
        return peers;
    }

    /** A daemon without a network of its own: it needs the registry on this machine's loopback. */
    private static Candidate docker(Workbench bench, String image) throws IOException {
        Path home = Files.createDirectories(bench.directory.resolve("docker"));
        Process daemon = new ProcessBuilder(
                        "dockerd",
                        "--data-root=" + home.resolve("data"),
                        "--exec-root=" + home.resolve("exec"),
                        "--pidfile=" + home.resolve("pid"),
                        "--host=unix://" + home.resolve("sock"),
                        "--bridge=none",
                        "--iptables=false",
                        "--ip6tables=false",
                        "--ip-forward=false",
                        "--ip-masq=false")
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start();
        List<String> docker = List.of("docker", "--host", "unix://" + home.resolve("sock"));
        awaitAnswer(daemon, docker, home.resolve("log"));
        return new Candidate() {
            @Override
            public String name() {
                return "docker pull, gzip";
            }

            @Override
            public long run() throws IOException {
                Workbench.output("sync");
                long micros = bench.time(silent(with(docker, "pull", "--quiet", image)));
                Workbench.output(with(docker, "rmi", image).toArray(String[]::new));
                return micros;
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
        };
    }

    private static void awaitAnswer(Process daemon, List<String> docker, Path log) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DOCKER_SECONDS);
        while (true) {
            try {
                Workbench.output(with(docker, "version").toArray(String[]::new));
                return;
            } catch (IOException e) {
                if (!daemon.isAlive() || System.nanoTime() > deadline) {
                    daemon.destroy();
                    throw new IOException("dockerd did not start: " + Files.readString(log), e);
                }
            }
        }
    }

    private static long skopeo(Workbench bench, String image) throws IOException {
        Path layout = bench.directory.resolve("skopeo");
        Path tree = bench.directory.resolve("umoci");
        Workbench.output("sync");
        long micros = bench.time(silent(List.of(
                        "skopeo",
                        "copy",
                        "--quiet",
                        "--insecure-policy",
                        "--src-tls-verify=false",
                        "docker://" + image,
                        "oci:" + layout + ":large")))
                + bench.time(silent(List.of("umoci", "raw", "unpack", "--image", layout + ":large", tree.toString())));
        Workbench.output("rm", "-rf", layout.toString(), tree.toString());
        return micros;
    }

    /** What the stopwatch prints shall be all that is printed. */
    private static List<String> silent(List<String> command) {
        return with(List.of("sh", "-c", "exec \"$@\" >/dev/null 2>&1", "sh"), command.toArray(String[]::new));
    }

    private static List<String> with(List<String> first, String... rest) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(rest));
        return all;
    }
}
