package io.flotilla.controlplane.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import java.time.Instant;
import java.util.List;

/**
 * An image that the control plane keeps.
 *
 * @param bytes of everything that a node of any of the platforms downloads
 * @param platforms as in {@code linux/amd64}; empty if only another control plane has its content
 * @param bundled comes with the control plane
 */
public record ImageView(
        ImageName name, Digest digest, long bytes, List<String> platforms, boolean bundled, Instant changed) {

    public ImageView {
        platforms = List.copyOf(platforms);
    }
}
