package io.flotilla.agent.ocicli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An OCI runtime's command line, ours or runc's, with a root of its own, in processes of its own as engines call it. */
record TestRuntime(List<String> command, Path root) {

    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final long DEADLINE_SECONDS = 60;

    /** What a command printed, and its status. */
    record Result(int status, String out, String error) {

        /** The error without time and level, and without the name of the command that runc puts before some. */
        String reason() {
            String line = error.lines().reduce("", (first, last) -> last);
            int message = line.indexOf("msg=");
            return (message < 0 ? line : line.substring(message + 4))
                    .replace("runc create failed: ", "")
                    .replace("runc run failed: ", "")
                    .replace("exec failed: ", "");
        }
    }

    static TestRuntime ours(Path directory) {
        return new TestRuntime(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Oci.class.getName(),
                        "--root",
                        directory.resolve("ours").toString()),
                directory.resolve("ours"));
    }

    static TestRuntime runc(Path directory) {
        return new TestRuntime(
                List.of("runc", "--root", directory.resolve("runc").toString()), directory.resolve("runc"));
    }

    /** A bundle with busybox that runs a shell script, made from our own template. */
    static Path bundle(Path directory, String script, Consumer<Map<String, @Nullable Object>> change)
            throws IOException {
        Path bundle = Files.createDirectories(directory);
        Path bin = Files.createDirectories(bundle.resolve("rootfs/bin"));
        if (!Files.exists(bin.resolve("busybox"))) {
            Files.copy(BUSYBOX, bin.resolve("busybox"));
            for (String name : List.of("sh", "cat", "echo", "ls", "sleep", "true", "tty", "id", "kill")) {
                Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
            }
            new SpecTemplate()
                    .run(
                            new Context(new States(directory), new Log(null, false, System.err), System.out),
                            List.of("--bundle", bundle.toString()));
        }
        Path file = bundle.resolve("config.json");
        Map<String, @Nullable Object> config = Json.object(file.toString(), Files.readString(file));
        Map<String, @Nullable Object> process = Json.child(config, "process");
        process.put("terminal", false);
        process.put("args", List.of("sh", "-c", script));
        change.accept(config);
        Files.writeString(file, Json.write(config, true));
        return bundle;
    }

    Process start(Map<String, String> environment, @Nullable File output, String... arguments) throws IOException {
        List<String> line = new ArrayList<>(command);
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line).redirectInput(new File("/dev/null"));
        builder.environment().putAll(environment);
        if (output != null) {
            builder.redirectOutput(output);
        }
        return builder.start();
    }

    /** Runs a command to its end. A container that it leaves behind must have its output elsewhere: {@link #detach}. */
    Result run(String... arguments) throws IOException, InterruptedException {
        Process process = start(Map.of(), null, arguments);
        String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        String error = new String(process.getErrorStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        return new Result(status(process), out, error);
    }

    /** Runs create or run --detach, whose container keeps its output; that goes to the file. */
    Result detach(Path output, String... arguments) throws IOException, InterruptedException {
        Path errors = output.resolveSibling(output.getFileName() + ".errors");
        List<String> line = new ArrayList<>(command);
        line.addAll(List.of(arguments));
        Process process = new ProcessBuilder(line)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        return new Result(status(process), "", Files.readString(errors));
    }

    private static int status(Process process) throws InterruptedException {
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(process.info().commandLine() + " does not end");
        }
        return process.exitValue();
    }

    Map<String, @Nullable Object> state(String id) throws IOException, InterruptedException {
        Result result = run("state", id);
        if (result.status() != 0) {
            return new LinkedHashMap<>(Map.of("status", result.reason()));
        }
        return Json.object("state", result.out());
    }
}
