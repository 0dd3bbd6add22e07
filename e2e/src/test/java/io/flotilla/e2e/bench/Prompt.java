package io.flotilla.e2e.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** From Enter to a shell's prompt, in a real terminal that {@code script(1)} makes. */
final class Prompt {

    private static final String ROOTS_PROMPT = "# ";

    private Prompt() {}

    static Candidate of(String name, List<String> command) {
        return Candidate.of(name, () -> micros(String.join(" ", command)));
    }

    private static long micros(String line) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process terminal = new ProcessBuilder(
                        "script", "--quiet", "--flush", "--return", "--command", "exec " + line, "/dev/null")
                .redirectErrorStream(true)
                .start();
        try {
            InputStream in = terminal.getInputStream();
            StringBuilder screen = new StringBuilder();
            byte[] buffer = new byte[4096];
            while (screen.indexOf(ROOTS_PROMPT) < 0) {
                int length = in.read(buffer);
                if (length < 0) {
                    throw new IOException(line + " ended without a prompt: " + screen);
                }
                screen.append(new String(buffer, 0, length, StandardCharsets.UTF_8));
            }
            long nanos = System.nanoTime() - start;
            terminal.getOutputStream().write("exit\n".getBytes(StandardCharsets.UTF_8));
            terminal.getOutputStream().flush();
            in.readAllBytes();
            if (terminal.waitFor() != 0) {
                throw new IOException(line + " ended with " + terminal.exitValue());
            }
            return TimeUnit.NANOSECONDS.toMicros(nanos);
        } finally {
            terminal.destroyForcibly();
        }
    }
}
