package io.flotilla.agent.engine.launch;

import io.flotilla.agent.kernel.Errno;
import java.io.IOException;

/**
 * A step of a launch plan failed and the process was not started. The message names the step, the errno and the path:
 * {@code mount tmpfs on /data: EINVAL: Invalid argument (set option size=x)}.
 */
public final class LaunchException extends IOException {

    private static final long serialVersionUID = 1;

    /** The program exists but cannot be executed, as shells report it. */
    public static final int NOT_EXECUTABLE = 126;

    /** The program was not found, as shells report it. */
    public static final int NOT_FOUND = 127;

    /** The container could not be made, as docker reports it. */
    public static final int NOT_STARTED = 125;

    private final Errno errno;
    private final int exitCode;

    LaunchException(String message, Errno errno, int exitCode) {
        super(message);
        this.errno = errno;
        this.exitCode = exitCode;
    }

    public Errno errno() {
        return errno;
    }

    /** 127 and 126 when the program was not found or could not be executed, 125 for everything before. */
    public int exitCode() {
        return exitCode;
    }
}
