package io.flotilla.e2e;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The virtual machine of {@code e2e/vm}: a stock 6.1 kernel with pure cgroup v2 and AppArmor, systemd as PID 1 and this
 * machine's own files. Commands go in and results come out through a directory that both see.
 */
final class Machine implements AutoCloseable {

    /** At what address the machine reaches the loopback of this one. */
    static final String HOST = "10.0.2.2";

    /** Alone on two processors it is up in 20 s. */
    private static final Duration BOOT = Duration.ofMinutes(5);

    private static final Duration POWER_OFF = Duration.ofMinutes(1);

    private final Path shared;
    private final Process process;
    private int commands;

    private Machine(Path shared, Process process) {
        this.shared = shared;
        this.process = process;
    }

    static Machine boot() {
        try {
            // Not below /tmp, which is a disk of the machine's own there.
            Path shared =
                    Files.createTempDirectory(Files.createDirectories(Flotilla.ROOT.resolve("e2e/target")), "machine-");
            ProcessBuilder run = new ProcessBuilder(
                            Flotilla.ROOT.resolve("e2e/vm/run").toString(),
                            Flotilla.ROOT.resolve("e2e/vm/serve").toString(),
                            shared.toString())
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(shared.resolve("console").toFile());
            run.environment().put("VM_OUT", shared.toString());
            run.environment().put("VM_INIT", "systemd");
            run.environment().put("VM_NETWORK", "host");
            run.environment().put("VM_TIMEOUT", "2400");
            run.environment().put("JAVA_HOME", System.getProperty("java.home"));
            return new Machine(shared, run.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A directory that the machine sees under the same path. */
    Path shared() {
        return shared;
    }

    void awaitUp() {
        await("the machine to be up", BOOT, shared.resolve("up"));
    }

    /** Runs a script with bash to its end; the deadline is the machine's own, too. */
    Command run(Duration deadline, String script) {
        int number = ++commands;
        try {
            Path draft = shared.resolve(number + ".draft");
            Files.writeString(draft, script);
            Files.move(draft, shared.resolve(number + ".command"), StandardCopyOption.ATOMIC_MOVE);
            Path status = shared.resolve(number + ".status");
            await(script, deadline, status);
            return new Command(
                    List.of(script),
                    Integer.parseInt(Files.readString(status).strip()),
                    Files.readString(shared.resolve(number + ".output")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void await(String what, Duration deadline, Path file) {
        Await.until(what, deadline, () -> Files.exists(file) || !process.isAlive());
        if (!Files.exists(file)) {
            throw new AssertionError("the machine ended before " + what + ": " + console());
        }
    }

    /** What its serial console said since it is up. */
    String console() {
        try {
            return Files.readString(shared.resolve("console"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        try {
            Files.createFile(shared.resolve("end"));
            if (!process.waitFor(POWER_OFF.toSeconds(), TimeUnit.SECONDS)) {
                // Its script ends qemu and what serves it the files.
                process.destroy();
                process.waitFor(POWER_OFF.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
        Registry.deleteTree(shared);
    }
}
