package io.flotilla.agent.oci;

/** Signals in a runtime spec. */
public final class Signals {

    public static final int KILL = io.flotilla.protocol.Signals.KILL;
    public static final int TERM = io.flotilla.protocol.Signals.TERM;

    private Signals() {}

    /** {@code SIGTERM}, {@code term}, {@code 15}, {@code SIGRTMIN+3}. */
    public static int number(String field, String signal) {
        return io.flotilla.protocol.Signals.number(signal)
                .orElseThrow(() -> new SpecException(field, "\"" + signal + "\" is no signal"));
    }
}
