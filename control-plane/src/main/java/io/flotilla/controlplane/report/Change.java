package io.flotilla.controlplane.report;

import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A hint that something has changed; whoever gets it reads the thing itself.
 *
 * @param id null: hints may have been missed, so look at everything of the kind
 */
public record Change(Kind kind, @Nullable UUID id) {

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
