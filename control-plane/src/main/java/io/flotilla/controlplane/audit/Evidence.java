package io.flotilla.controlplane.audit;

import java.util.function.BiConsumer;

/** Something outside of the log whose hash stands in entries, so that checking the log can check it, too. */
public interface Evidence {

    /** Begins one check. */
    Check begin();

    /** One walk through the log. */
    interface Check {

        /** Is told every entry, oldest first. */
        void entry(AuditEntry entry);

        /**
         * Compares what the entries say with what is there.
         *
         * @param findings takes the entry's seq and a sentence
         */
        void end(BiConsumer<Long, String> findings);
    }
}
