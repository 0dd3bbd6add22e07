package io.flotilla.agent.engine.launch;

/**
 * How a session gets a container's streams.
 *
 * @param ownsInput the end of this session is the end of the process's input
 * @param patient every byte matters more than speed: output is held up (for up to ten seconds) while this session is slow;
 *     otherwise what it is too slow for is dropped and counted
 */
public record AttachOptions(boolean ownsInput, boolean patient) {

    /** Looks on: neither ends the input nor holds anything up. */
    public static final AttachOptions WATCH = new AttachOptions(false, false);

    /** One person's terminal or pipe. */
    public static final AttachOptions INTERACTIVE = new AttachOptions(true, true);

    int flags() {
        return (ownsInput ? 1 : 0) | (patient ? 2 : 0);
    }
}
