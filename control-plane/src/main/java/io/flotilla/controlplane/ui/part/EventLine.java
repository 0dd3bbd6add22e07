package io.flotilla.controlplane.ui.part;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, as a line of a timeline.
 *
 * @param status gives the mark and the tone
 * @param text what happened, to what
 * @param detail what it means, a second sentence
 * @param href where to look closer
 * @param revision whether this line starts a revision
 */
public record EventLine(
        Instant time,
        String status,
        String text,
        @Nullable String detail,
        @Nullable String href,
        boolean revision) {

    public static EventLine of(Instant time, String status, String text, @Nullable String detail) {
        return new EventLine(time, status, text, detail, null, false);
    }
}
