package io.flotilla.agent.ocicli;

import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.Processes;
import io.flotilla.agent.kernel.Terminal;
import io.flotilla.agent.kernel.UnixSockets;
import io.flotilla.agent.oci.Signals;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a process that this command has started, and stands between its terminal and the caller's. A signal that ends this
 * command asks the process to end as well, and is obeyed when that has happened.
 */
final class Foreground implements AutoCloseable {

    private static final int BUFFER_BYTES = 16 << 10;
    private static final int LOOK_AT_WINDOW_MILLIS = 200;
    private static final int LAST_OUTPUT_MILLIS = 1000;

    private static final int LONGEST_END_SECONDS = 10;

    private final @Nullable List<Fd> console;
    private final CountDownLatch done = new CountDownLatch(1);

    private Foreground(@Nullable List<Fd> console) {
        this.console = console;
    }

    /** To be called before the process is made, whose parent this JVM becomes when the shim has left. */
    static Foreground prepare(boolean terminal) throws KernelException {
        Processes.adoptOrphans();
        return new Foreground(terminal ? UnixSockets.pair() : null);
    }

    /** Where the shim sends the terminal; null for a process without one. */
    @Nullable
    Fd console() {
        return console == null ? null : console.get(1);
    }

    /** @return the exit code, 128 and the signal for one that was killed */
    int await(Target target) throws IOException {
        return await(target.state().pid(), target.process());
    }

    int await(int pid, Fd process) throws IOException {
        try (process) {
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> end(process)));
            return console == null ? status(pid) : awaitAtTerminal(pid, console.get(0));
        }
    }

    private void end(Fd process) {
        try {
            Processes.signal(process, Signals.TERM);
            done.await(LONGEST_END_SECONDS, TimeUnit.SECONDS);
        } catch (KernelException | IllegalStateException e) {
            return; // it has ended
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int awaitAtTerminal(int pid, Fd socket) throws IOException {
        UnixSockets.Packet packet = new UnixSockets.Receiver(BUFFER_BYTES).receive(socket);
        if (packet == null || packet.descriptors().isEmpty()) {
            throw new IOException("the process's terminal did not arrive");
        }
        Terminal raw = Terminal.isPresent() ? Terminal.raw() : null;
        try (Fd master = packet.descriptors().getFirst();
                Fd in = Descriptors.inherited(0);
                Fd out = Descriptors.inherited(1)) {
            Thread output = Thread.ofPlatform().daemon().start(() -> copy(master, out));
            Thread.ofPlatform().daemon().start(() -> copy(in, master));
            if (raw != null) {
                Thread.ofPlatform().daemon().start(() -> followWindow(master));
            }
            int status = status(pid);
            output.join(LAST_OUTPUT_MILLIS);
            return status;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            if (raw != null) {
                raw.close();
            }
        }
    }

    private static int status(int pid) throws KernelException {
        return Processes.await(pid, null).orElseThrow();
    }

    private static void copy(Fd from, Fd to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            int count = Descriptors.read(from, buffer);
            while (count > 0) {
                Descriptors.writeFully(to, Arrays.copyOf(buffer, count));
                count = Descriptors.read(from, buffer);
            }
        } catch (KernelException | IllegalStateException e) {
            return; // EIO: nobody has the terminal's other end any more
        }
    }

    private static void followWindow(Fd master) {
        Terminal.Size last = null;
        try {
            while (true) {
                Terminal.Size now = Terminal.size();
                if (!now.equals(last)) {
                    Terminal.resize(master, now);
                    last = now;
                }
                Thread.sleep(LOOK_AT_WINDOW_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (KernelException | IllegalStateException e) {
            return; // the process has ended
        }
    }

    @Override
    public void close() {
        if (console != null) {
            console.forEach(Fd::close);
        }
        done.countDown();
    }
}
