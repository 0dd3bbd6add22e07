package io.flotilla.agent.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/** An open file descriptor of this process, closed exactly once however often {@link #close} is called. */
public final class Fd implements AutoCloseable {

    private final AtomicInteger number;

    Fd(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("negative descriptor " + number);
        }
        this.number = new AtomicInteger(number);
    }

    /** The descriptor's number; throws {@link IllegalStateException} after it was closed. */
    public int number() {
        int value = number.get();
        if (value < 0) {
            throw new IllegalStateException("descriptor is closed");
        }
        return value;
    }

    public boolean isOpen() {
        return number.get() >= 0;
    }

    /** A path by which this process, or one that may look into it, can open the same object: {@code /proc/<pid>/fd/<n>}. */
    public String path() {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + number();
    }

    @Override
    public void close() {
        int value = number.getAndSet(-1);
        if (value >= 0) {
            // Linux frees the number even when close reports an error, so there is nothing to retry.
            Descriptors.LIBC.close(value);
        }
    }

    @Override
    public String toString() {
        return "Fd[" + number.get() + "]";
    }
}
