package io.flotilla.controlplane.ui.audit;

import io.flotilla.controlplane.ui.part.Diff;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the Audit page shows. */
public record AuditPage(
        String q,
        List<Chip> chips,
        List<Row> rows,
        @Nullable String older,
        @Nullable String newest,
        @Nullable Entry entry,
        @Nullable Chain chain,
        @Nullable String wrong,
        String query) {

    /** A qualifier in force, and the address without it. */
    public record Chip(String key, String value, String without) {}

    /** One entry of the list. */
    public record Row(
            long seq,
            Instant time,
            String actor,
            String action,
            String target,
            String what,
            String team,
            boolean refused,
            String source,
            String href,
            boolean open) {}

    /**
     * The entry that is looked at.
     *
     * @param recording the recorded terminal whose end it is, null for anything else
     */
    public record Entry(
            long seq,
            String action,
            List<Fact> facts,
            List<Diff.Row> diff,
            String hash,
            @Nullable String before,
            @Nullable String newer,
            @Nullable String older,
            String close,
            @Nullable String recording) {}

    /** A name and a value. */
    public record Fact(String name, String value, boolean mono) {}

    /** What verifying the chain has shown. */
    public record Chain(String status, String title, String text) {}
}
