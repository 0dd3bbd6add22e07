package io.flotilla.controlplane.ui.part;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What differs between two revisions. */
public record Diff(int from, int to, List<Row> rows) {

    /** One field. Null where the field is not set. */
    public record Row(
            String field, @Nullable String before, @Nullable String after) {}
}
