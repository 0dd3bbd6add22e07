package io.flotilla.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One whole Flotilla, started as its user starts it: {@code ./flotilla up} with a data directory and a port of its own.
 * Closing it runs {@code ./flotilla down --purge}.
 */
public final class Flotilla implements AutoCloseable {

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Duration START = Duration.ofMinutes(4);

    private final Path data;
    private final int port;
    private final List<String> options;
    private Process up;
    private String ready;

    private Flotilla(Path data, int port, List<String> options) {
        this.data = data;
        this.port = port;
        this.options = options;
        this.up = start();
        this.ready = awaitReady();
    }

    public static Flotilla up(String... options) {
        try {
            return new Flotilla(Files.createTempDirectory("flotilla-e2e-"), freePort(), List.of(options));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process start() {
        try {
            return new ProcessBuilder(script("up", options.toArray(String[]::new)))
                    .directory(ROOT.toFile())
                    .redirectError(data.resolve("up.err").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String awaitReady() {
        BufferedReader lines = up.inputReader(StandardCharsets.UTF_8);
        return Await.until(
                "the Ready line; " + data.resolve("up.err"),
                START,
                () -> {
                    if (!up.isAlive()) {
                        throw new AssertionError("up ended: " + Files.readString(data.resolve("up.err")));
                    }
                    return lines.ready() ? lines.readLine() : "";
                },
                line -> line != null && line.startsWith("Ready: "));
    }

    /** A subcommand with this instance's data directory and port. */
    public List<String> script(String command, String... more) {
        List<String> line = new ArrayList<>(List.of(
                ROOT.resolve("flotilla").toString(),
                command,
                "--data",
                data.toString(),
                "--port",
                String.valueOf(port)));
        line.addAll(List.of(more));
        return line;
    }

    /** Runs a subcommand of the script to its end. */
    Command command(String name, String... more) {
        return Command.run(Duration.ofMinutes(3), ROOT, script(name, more).toArray(String[]::new));
    }

    /** A subcommand as one line for a shell. */
    String line(String name, String... more) {
        return String.join(" ", script(name, more));
    }

    String url() {
        return "http://localhost:" + port;
    }

    /** What stood behind {@code Ready: }: the setup link. */
    String setupUrl() {
        return ready.substring("Ready: ".length());
    }

    int port() {
        return port;
    }

    public Path data() {
        return data;
    }

    public Api admin() {
        return new Api(url(), command("token", "create", "--admin").success().strip());
    }

    /** The process ids of the agents that work on this data directory. */
    List<Long> agents() {
        return processes("io.flotilla.agent", data.toString());
    }

    /** Processes whose command line contains all the words. */
    static List<Long> processes(String... words) {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(process -> {
                        String line = commandLine(process.pid());
                        return Stream.of(words).allMatch(line::contains);
                    })
                    .map(ProcessHandle::pid)
                    .toList();
        }
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(pid), "cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }

    /** Ctrl-C: ends the control plane and the agent; containers live on. */
    void interrupt() throws InterruptedException {
        up.destroy();
        if (!up.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("up did not end within 60 s of SIGTERM");
        }
    }

    /** {@code up} again on the same data. */
    void again() {
        up = start();
        ready = awaitReady();
    }

    @Override
    public void close() {
        Command down = command("down", "--purge");
        up.destroy();
        down.success();
        if (Files.exists(data)) {
            throw new AssertionError("down --purge left " + data);
        }
    }
}
