package io.flotilla.controlplane.ui;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the Images page shows. */
public record ImagesPage(List<Row> rows, List<Transfer> transfers, String pull, boolean mayChange) {

    /**
     * One image that the control plane keeps.
     *
     * @param platforms as in {@code linux/amd64}
     */
    public record Row(
            String name,
            String digest,
            List<String> platforms,
            String size,
            int layers,
            @Nullable Instant since,
            String from) {}

    /** A pull that is under way, or ended a moment ago. */
    public record Transfer(String id, String status, String title, String text, List<WorkloadPage.Layer> layers) {}
}
