package io.flotilla.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Debian's dockerd for one test, in the calling thread's network namespace. All that it makes lies below one directory,
 * which is the caller's to remove.
 */
public final class DockerDaemon implements AutoCloseable {

    private static final Path PROGRAM = Path.of("/usr/sbin/dockerd");
    private static final long PATIENCE_SECONDS = 60;

    private final Path home;
    private final Process process;

    private DockerDaemon(Path home, Process process) {
        this.home = home;
        this.process = process;
    }

    public static boolean installed() {
        return Files.isExecutable(PROGRAM);
    }

    /** Returns at once; the daemon answers somewhat later. */
    public static DockerDaemon start(Path home, String... options) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                PROGRAM.toString(),
                "--data-root=" + home.resolve("data"),
                "--exec-root=" + home.resolve("exec"),
                "--pidfile=" + home.resolve("pid"),
                "--host=unix://" + home.resolve("s"),
                "--storage-driver=vfs"));
        line.addAll(List.of(options));
        Process process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(Files.createDirectories(home).resolve("log").toFile())
                .start();
        return new DockerDaemon(home, process);
    }

    /** Whether its socket is there. */
    public boolean listens() {
        return Files.exists(home.resolve("s"));
    }

    /** Docker's own client, speaking to this daemon. */
    public List<String> command(String... words) {
        List<String> line = new ArrayList<>(List.of("docker", "--host=unix://" + home.resolve("s")));
        line.addAll(List.of(words));
        return line;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("dockerd did not end; its log is " + home.resolve("log"));
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while dockerd ended", e);
        }
    }
}
