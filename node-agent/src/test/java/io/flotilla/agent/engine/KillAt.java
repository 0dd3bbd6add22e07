package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The program of {@code kill_at.c}: ends a part of the engine exactly before one of its system calls. */
final class KillAt implements AutoCloseable {

    /** What is killed. */
    enum Target {
        AGENT,
        SHIM,
        CONTAINER,
        HELPER
    }

    private final Process process;
    private final BufferedReader output;

    private KillAt(Process process, BufferedReader output) {
        this.process = process;
        this.output = output;
    }

    static Path compile(Path directory) throws Exception {
        Path program = directory.resolve("kill_at");
        Process compiler = new ProcessBuilder(
                        "cc",
                        "-std=c11",
                        "-O1",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-o",
                        program.toString(),
                        Path.of("src/test/c/kill_at.c").toAbsolutePath().toString())
                .inheritIO()
                .start();
        assertThat(compiler.waitFor()).isZero();
        return program;
    }

    /**
     * @param call the number of the call, from 1
     * @param thread which will start the container
     */
    static KillAt watch(Path program, Target target, int call, long thread) throws IOException {
        Process process = new ProcessBuilder(
                        program.toString(),
                        target.name().toLowerCase(Locale.ROOT),
                        String.valueOf(call),
                        String.valueOf(thread))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        KillAt started = new KillAt(process, process.inputReader());
        assertThat(started.output.readLine()).isEqualTo("ready");
        return started;
    }

    /** The caller's, as the kernel counts threads. */
    static long thisThread() throws IOException {
        return Long.parseLong(String.valueOf(
                Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName()));
    }

    /** Waits until somebody was killed, or until there is nobody left to kill: "killed before 257" or "passed 80". */
    String outcome() throws IOException {
        return String.valueOf(output.readLine());
    }

    /** Whoever is watched goes on unwatched. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
    }
}
