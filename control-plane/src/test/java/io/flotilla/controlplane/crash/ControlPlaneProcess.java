package io.flotilla.controlplane.crash;

import io.flotilla.controlplane.ControlPlane;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program in a JVM of its own, on a data directory and a port that outlive it. */
final class ControlPlaneProcess implements AutoCloseable {

    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(90);

    private final Path data;
    private final List<String> more;
    private final int port;
    private Process process;

    /** @param more options of the program */
    ControlPlaneProcess(Path data, String... more) throws IOException {
        this.data = data;
        this.more = List.of(more);
        // PostgreSQL's own account must be able to pass; JUnit makes temporary directories for the owner only.
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        process = launch();
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                ControlPlane.class.getName(),
                "--data",
                data.toString(),
                "--port",
                Integer.toString(port)));
        command.addAll(more);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    private Path log() {
        return data.resolve("log");
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    String adminKey() throws IOException {
        return Files.readString(data.resolve("control-plane/admin.key")).strip();
    }

    void start() throws IOException {
        process = launch();
    }

    /** As {@code kill -9}. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Waits until it takes changes: its database is there, and a question that needs it is answered. */
    void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!ready()) {
            if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                throw new AssertionError("the control plane does not become ready:\n" + Files.readString(log()));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private boolean ready() {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create(url() + "/api/v1/teams").toURL().openConnection();
            connection.setReadTimeout(5000);
            connection.setRequestProperty("Authorization", "Bearer " + adminKey());
            return connection.getResponseCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit()
                .orTimeout(30, TimeUnit.SECONDS)
                .exceptionally(late -> process.destroyForcibly())
                .join();
    }
}
