package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.Shim;
import io.flotilla.agent.engine.launch.ShimRecord;
import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.Processes;
import io.flotilla.agent.oci.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** Shims that must go, and processes whose shim has gone. */
final class Orphans {

    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final long PATIENCE_MILLIS = 5_000;

    private Orphans() {}

    /** Returns when the process has ended. Nobody is its parent any more who could be told. */
    static void await(int pid, long startTime) {
        while (lives(pid, startTime)) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    static boolean lives(int pid, long startTime) {
        try {
            return Processes.startTime(pid).orElse(-1) == startTime;
        } catch (IOException e) {
            return true; // it could not be seen, which says nothing about its end
        }
    }

    /** Has the shim leave: by itself after its container's end, else by force. Its container has been killed before. */
    static void dismiss(Shim shim) throws IOException {
        try {
            shim.signal(Signals.KILL);
            shim.exit().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            shim.release();
        } catch (IOException | ExecutionException | TimeoutException e) {
            end(shim.record());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end(shim.record());
        } finally {
            shim.close();
        }
    }

    private static void end(ShimRecord record) throws IOException {
        try (Fd pidfd = Processes.pidfd(record.shimPid())) {
            if (lives(record.shimPid(), record.shimStartTime())) {
                Processes.signal(pidfd, Signals.KILL);
            }
        } catch (KernelException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
    }
}
