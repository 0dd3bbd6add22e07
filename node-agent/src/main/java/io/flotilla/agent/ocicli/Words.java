package io.flotilla.agent.ocicli;

import io.flotilla.agent.engine.launch.LaunchException;
import io.flotilla.agent.kernel.Errno;
import java.io.IOException;

/**
 * A failed start in the words that engines look for: from "executable file not found" and "permission denied" they make the exit
 * codes 127 and 126.
 */
final class Words {

    private Words() {}

    static IOException of(LaunchException failure, String program) {
        String start = "unable to start container process: ";
        if (failure.exitCode() == LaunchException.NOT_STARTED) {
            return new Refused(start + failure.getMessage(), failure);
        }
        String exec = start + "exec: \"" + program + "\": ";
        if (failure.exitCode() == LaunchException.NOT_FOUND) {
            boolean searched = program.indexOf('/') < 0;
            return new Refused(
                    exec
                            + (searched
                                    ? "executable file not found in $PATH"
                                    : "stat " + program + ": no such file or directory"),
                    failure);
        }
        return new Refused(exec + words(failure.errno()), failure);
    }

    private static String words(Errno errno) {
        boolean denied = errno == Errno.EACCES || errno == Errno.EISDIR;
        return denied ? "permission denied" : errno.text().toLowerCase(java.util.Locale.ROOT);
    }
}
