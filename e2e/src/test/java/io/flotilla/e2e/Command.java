package io.flotilla.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end and keeps what it printed. */
record Command(List<String> line, int status, String output) {

    /** Standard output and error together. */
    static Command run(Duration deadline, Path directory, String... line) {
        try {
            Path file = java.nio.file.Files.createTempFile("flotilla-e2e", ".out");
            Process process = new ProcessBuilder(line)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .redirectOutput(file.toFile())
                    .start();
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(String.join(" ", line) + " did not end within " + deadline.toSeconds() + " s: "
                        + java.nio.file.Files.readString(file));
            }
            String output = java.nio.file.Files.readString(file);
            java.nio.file.Files.delete(file);
            return new Command(List.of(line), process.exitValue(), output);
        } catch (IOException e) {
            throw new AssertionError(String.join(" ", line) + " could not be run", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    static Command run(String... line) {
        return run(Duration.ofMinutes(2), Path.of("."), line);
    }

    /** The output, if the status is 0. */
    String success() {
        if (status != 0) {
            throw new AssertionError(String.join(" ", line) + " ended with status " + status + ": " + output);
        }
        return output;
    }
}
