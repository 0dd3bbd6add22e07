package io.flotilla.controlplane.terminal;

import io.flotilla.protocol.Frame;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest output of a terminal, as whole frames that are numbered from 0; what exceeds the limit is forgotten from its
 * old end. Not safe for threads.
 */
final class Scrollback {

    static final int LIMIT = 256 * 1024;

    private record Placed(long offset, Frame frame) {}

    private final TreeMap<Long, Placed> frames = new TreeMap<>();
    private long next;
    private long bytes;

    void add(Frame frame) {
        frames.put(next++, new Placed(bytes, frame));
        bytes += frame.payload().length;
        while (bytes - frames.firstEntry().getValue().offset() > LIMIT) {
            frames.pollFirstEntry();
        }
    }

    /** The oldest number that is kept. */
    long first() {
        return frames.isEmpty() ? next : frames.firstKey();
    }

    /** The number that the next frame will have. */
    long next() {
        return next;
    }

    /** Null if there is none yet, or not any more. */
    @Nullable
    Frame get(long number) {
        Placed placed = frames.get(number);
        return placed == null ? null : placed.frame();
    }

    /** How many bytes a reader has before it who is to be given this number next. */
    long lag(long number) {
        Map.Entry<Long, Placed> ahead = frames.ceilingEntry(number);
        return ahead == null ? 0 : bytes - ahead.getValue().offset();
    }
}
