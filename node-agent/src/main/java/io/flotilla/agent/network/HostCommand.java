package io.flotilla.agent.network;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs the host's own tools in the calling thread's network namespace. */
final class HostCommand {

    private static final List<String> DIRECTORIES =
            List.of("/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin", "/usr/local/bin");

    private HostCommand() {}

    /** How a command ended; {@code output} is what it wrote to either stream. */
    record Result(int exitCode, String output) {}

    /** The tool's path; an agent that systemd or cron started may have no sbin on its PATH. */
    static Optional<Path> find(String tool) {
        return DIRECTORIES.stream()
                .map(directory -> Path.of(directory, tool))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Result run(Path tool, List<String> arguments, String input) throws IOException {
        var command = new ArrayList<String>();
        command.add(tool.toString());
        command.addAll(arguments);
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Result(process.waitFor(), output.strip());
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + tool.getFileName() + " ran", e);
        }
    }
}
