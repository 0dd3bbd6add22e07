package io.flotilla.controlplane.audit;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * Something that is not as it was written.
 *
 * @param seq the first entry concerned
 * @param detail a sentence that names the entries
 */
public record Finding(Kind kind, long seq, String detail) {

    /** What was done to the log. */
    public enum Kind {
        /** A value of an entry was changed. */
        ALTERED,
        /** Entries in the middle are gone. */
        DELETED,
        /** The newest entries are gone. */
        TAIL_DELETED,
        /** Every entry is gone. */
        TRUNCATED,
        /** Two entries changed places. */
        SWAPPED,
        /** An entry stands out of order or twice. */
        OUT_OF_ORDER,
        /** From here on the chain was written anew: it is consistent, but not with the heads that were kept elsewhere. */
        REWRITTEN,
        /** A recording whose hash stands in an entry is gone or was changed. */
        RECORDING,
        /** A line of an export is no entry. */
        UNREADABLE;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
