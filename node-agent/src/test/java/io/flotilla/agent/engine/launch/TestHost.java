package io.flotilla.agent.engine.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Layers with busybox, and the containers of one test; everything is ended and removed at the close. */
final class TestHost implements AutoCloseable {

    private static final Set<PosixFilePermission> MODE_755 = PosixFilePermissions.fromString("rwxr-xr-x");

    final Path base;
    final Shims shims;
    private final List<Shim> started = new ArrayList<>();
    private int count;

    TestHost() throws IOException {
        base = Files.createTempDirectory(Path.of("/var/tmp"), "flotilla-shim-test-");
        Files.setPosixFilePermissions(base, MODE_755);
        layer("bottom", "etc", "tmp", "proc", "sys", "dev", "root", "work");
        Path bin = Files.createDirectories(layers().resolve("bottom/bin"));
        Files.copy(RootRequired.BUSYBOX, bin.resolve("busybox"));
        Files.setPosixFilePermissions(bin.resolve("busybox"), MODE_755);
        for (String applet : List.of(
                "sh",
                "true",
                "false",
                "cat",
                "ls",
                "id",
                "stty",
                "sleep",
                "kill",
                "hostname",
                "stat",
                "grep",
                "echo",
                "mount",
                "readlink",
                "touch",
                "yes",
                "head",
                "sed",
                "wc",
                "chown",
                "mkdir",
                "dd",
                "tty",
                "sha256sum",
                "ps",
                "ln",
                "mv",
                "rm",
                "printf",
                "umask",
                "seq",
                "env",
                "ip",
                "tr")) {
            Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
        }
        shims = Shims.open();
    }

    Path layers() {
        return base.resolve("layers");
    }

    /** Makes one more layer with the given directories. */
    Path layer(String name, String... directories) throws IOException {
        Path layer = Files.createDirectories(layers().resolve(name));
        for (String directory : directories) {
            Files.createDirectories(layer.resolve(directory));
        }
        return layer;
    }

    /** A fresh writable layer on top of the given ones, lowest first, owned by the mapped root. */
    Step.OverlayRoot overlay(String... lower) throws IOException {
        Path writable = Files.createDirectories(base.resolve("writable-" + count++));
        Path upper = Files.createDirectory(writable.resolve("upper"));
        Path work = Files.createDirectory(writable.resolve("work"));
        for (Path path : List.of(upper, work)) {
            Files.setAttribute(path, "unix:uid", (int) TestPlans.FIRST_ID);
            Files.setAttribute(path, "unix:gid", (int) TestPlans.FIRST_ID);
            Files.setPosixFilePermissions(path, MODE_755);
        }
        List<String> layers = lower.length == 0 ? List.of("bottom") : List.of(lower);
        return new Step.OverlayRoot(layers(), layers, upper, work, true);
    }

    ShimRequest request(LaunchPlan plan) throws IOException {
        int number = count++;
        Path runtime = Files.createDirectory(base.resolve("run-" + number));
        Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
        return new ShimRequest(runtime, Optional.of(Files.createDirectory(base.resolve("log-" + number))), plan);
    }

    /** The log directory that belongs to a request's runtime directory. */
    static Path logs(ShimRequest request) {
        return request.logDirectory().orElseThrow();
    }

    Shim spawn(ShimRequest request) throws IOException {
        Shim shim = shims.spawn(request);
        started.add(shim);
        return shim;
    }

    /** What a run of a plan to its end gave: exit and output. */
    record Result(Exit exit, String output, String error) {}

    /** Runs a container with the ordinary plan on a fresh overlay to its end. */
    Result run(String... argv) throws Exception {
        return run(TestPlans.container(overlay(), false, false, argv));
    }

    Result run(LaunchPlan plan) throws Exception {
        Shim shim = spawn(request(plan));
        shim.proceed();
        try (Session session = shim.attach(AttachOptions.INTERACTIVE)) {
            shim.start();
            return collect(session);
        }
    }

    /** Reads a session to its end. */
    static Result collect(Session session) throws IOException {
        StringBuilder output = new StringBuilder();
        StringBuilder error = new StringBuilder();
        while (true) {
            switch (session.next()) {
                case SessionEvent.Output data ->
                    (data.error() ? error : output).append(StandardCharsets.UTF_8.decode(data.bytes()));
                case SessionEvent.Gap gap ->
                    output.append("<gap ").append(gap.bytes()).append('>');
                case SessionEvent.Ended ended -> {
                    return new Result(ended.exit().orElseThrow(), output.toString(), error.toString());
                }
            }
        }
    }

    /** Reads a session until its output so far contains the text. */
    static String readUntil(Session session, String text) throws IOException {
        StringBuilder output = new StringBuilder();
        while (output.indexOf(text) < 0) {
            switch (session.next()) {
                case SessionEvent.Output data -> output.append(StandardCharsets.UTF_8.decode(data.bytes()));
                case SessionEvent.Gap gap ->
                    output.append("<gap ").append(gap.bytes()).append('>');
                case SessionEvent.Ended ended ->
                    throw new IOException("ended (" + ended + ") before \"" + text + "\" after: " + output);
            }
        }
        return output.toString();
    }

    /** Waits for a condition that another process brings about. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 60 s: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Override
    public void close() throws IOException {
        for (Shim shim : started) {
            try {
                shim.signal(9);
                shim.exit().get(30, TimeUnit.SECONDS);
                shim.release();
            } catch (Exception ended) {
                // Never started, or closed or released by the test itself.
            }
            shim.close();
        }
        shims.close();
        try (Stream<Path> paths = Files.walk(base)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
