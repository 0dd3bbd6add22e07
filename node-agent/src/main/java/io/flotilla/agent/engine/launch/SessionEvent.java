package io.flotilla.agent.engine.launch;

import java.nio.ByteBuffer;
import java.util.Optional;

/** What a session tells, in order. */
public sealed interface SessionEvent {

    /** Bytes that the process wrote; with a terminal all of it is standard output. */
    record Output(boolean error, ByteBuffer bytes) implements SessionEvent {}

    /** So many bytes were dropped here, because the session was too slow for them. */
    record Gap(long bytes) implements SessionEvent {}

    /** The last event: the process's end, or empty when the connection or the shim ended before it. */
    record Ended(Optional<Exit> exit) implements SessionEvent {}
}
