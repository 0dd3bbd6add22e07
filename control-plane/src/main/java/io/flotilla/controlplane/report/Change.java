package io.flotilla.controlplane.report;

import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A hint that something has changed; whoever gets it reads the thing itself.
 *
 * @param id null: hints may have been missed, so look at everything of the kind
 * @param seq what it is stored under, see {@link Changes#since}; 0 if it is not stored
 */
public record Change(Kind kind, @Nullable UUID id, long seq) {

    /** One that is not stored. */
    public Change(Kind kind, @Nullable UUID id) {
        this(kind, id, 0);
    }

    /** What changed. */
    public enum Kind {
        WORKLOAD,
        ALLOCATION,
        NODE,
        IMAGE;

        /** The word used in JSON and as topic of notifications. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
