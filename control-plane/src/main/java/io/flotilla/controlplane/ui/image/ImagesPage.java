package io.flotilla.controlplane.ui.image;

import io.flotilla.controlplane.ui.part.Pull;
import java.time.Instant;
import java.util.List;

/** What the Images page shows: images that the control plane keeps, and pulls that nodes are busy with. */
public record ImagesPage(List<Row> rows, List<Transfer> transfers, boolean mayChange) {

    /**
     * One image that the control plane keeps.
     *
     * @param platforms as in {@code linux/amd64}
     */
    public record Row(
            String name, String digest, List<String> platforms, String size, Instant since, boolean bundled) {}

    /** A pull that is under way on a node. */
    public record Transfer(String id, String status, String title, String text, List<Pull.Layer> layers) {}
}
