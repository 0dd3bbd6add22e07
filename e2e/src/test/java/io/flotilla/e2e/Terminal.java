package io.flotilla.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A program in a real terminal, made by {@code script(1)}: keys go in, the screen's bytes come out. */
final class Terminal implements AutoCloseable {

    private final Process process;
    private final OutputStream keys;
    private final StringBuilder screen = new StringBuilder();
    private final Thread reader;

    private Terminal(Process process) {
        this.process = process;
        this.keys = process.getOutputStream();
        this.reader = Thread.startVirtualThread(this::read);
    }

    /** Starts a shell command line in a terminal of the given size. */
    static Terminal open(Path directory, int columns, int rows, String command) {
        try {
            return new Terminal(new ProcessBuilder(
                            "script",
                            "--quiet",
                            "--flush",
                            "--return",
                            "--command",
                            "stty cols " + columns + " rows " + rows + "; exec " + command,
                            "/dev/null")
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (InputStream in = process.getInputStream()) {
            byte[] buffer = new byte[4096];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                show(new String(buffer, 0, n, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            show("[reading ended: " + e.getMessage() + "]");
        }
    }

    Terminal type(String text) {
        try {
            keys.write(text.getBytes(StandardCharsets.UTF_8));
            keys.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the screen has shown the text, counted from the last {@link #clear()}. */
    Terminal await(String text) {
        Await.until(
                "\"" + text + "\" on the screen",
                Duration.ofSeconds(60),
                screen::toString,
                shown -> shown.contains(text));
        return this;
    }

    synchronized Terminal clear() {
        screen.setLength(0);
        return this;
    }

    private synchronized void show(String text) {
        screen.append(text);
    }

    int exitStatus() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the terminal's program goes on; screen: " + screen());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** Everything that was shown, once the program has ended. */
    String wholeScreen() {
        exitStatus();
        try {
            reader.join();
            return screen();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    synchronized String screen() {
        return screen.toString();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
