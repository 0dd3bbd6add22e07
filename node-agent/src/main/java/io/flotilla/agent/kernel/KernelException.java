package io.flotilla.agent.kernel;

import java.io.IOException;

/**
 * A system call failed. The message reads "operation subject: ERRNO: sentence", for example
 * {@code mount tmpfs on /data: EINVAL: Invalid argument}.
 */
public final class KernelException extends IOException {

    private static final long serialVersionUID = 1;

    private final Errno errno;

    /**
     * @param operation what was tried, for example {@code mount tmpfs on}
     * @param subject what it was tried on, a path or an id; may be empty
     */
    public KernelException(String operation, String subject, Errno errno) {
        super(operation + (subject.isEmpty() ? "" : " " + subject) + ": " + errno + ": " + errno.text());
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }

    /** Returns the result of a call, or throws with the errno that it left when the result is negative. */
    static int check(int result, String operation, String subject) throws KernelException {
        if (result < 0) {
            throw new KernelException(operation, subject, Native.errno());
        }
        return result;
    }

    static long check(long result, String operation, String subject) throws KernelException {
        if (result < 0) {
            throw new KernelException(operation, subject, Native.errno());
        }
        return result;
    }
}
