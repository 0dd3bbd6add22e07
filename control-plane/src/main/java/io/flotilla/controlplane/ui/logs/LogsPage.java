package io.flotilla.controlplane.ui.logs;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the Logs page shows. */
public record LogsPage(
        String workload,
        String name,
        String team,
        List<Choice> allocations,
        @Nullable String allocation,
        Filter filter,
        List<LogChunk> chunks,
        int lines,
        int hits,
        @Nullable String next,
        boolean live,
        @Nullable String away,
        String download) {

    /** An allocation whose logs can be read. */
    public record Choice(String id, String text) {}

    /**
     * What the address asks for.
     *
     * @param from cursor of the first line; empty: the newest lines
     * @param at the moment in UTC from which to read, as a browser writes it; empty: the newest lines
     * @param lines how many of the newest
     */
    public record Filter(
            String q, String stream, int lines, String from, String at, boolean only, boolean wrap, boolean follow) {}
}
