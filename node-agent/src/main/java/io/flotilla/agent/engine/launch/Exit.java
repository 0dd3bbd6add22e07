package io.flotilla.agent.engine.launch;

import java.time.Instant;

/**
 * How a process ended, as wait(2) told the shim.
 *
 * @param code the exit status, or -1 when a signal ended it
 * @param signal the signal that ended it, or 0
 */
public record Exit(int code, int signal, Instant started, Instant ended) {

    public Exit {
        if ((signal == 0) == (code < 0)) {
            throw new IllegalArgumentException("an exit has either a code or a signal, not " + code + " and " + signal);
        }
    }

    /** The number that a shell would show: the code, or 128 + n for death by signal n. */
    public int shellCode() {
        return signal == 0 ? code : 128 + signal;
    }
}
