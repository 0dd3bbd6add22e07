package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * How far a pull is.
 *
 * @param layers in the manifest's order
 */
public record PullProgress(ImageName image, Digest digest, List<Layer> layers) {

    public PullProgress {
        layers = List.copyOf(layers);
    }

    /**
     * One layer.
     *
     * @param totalBytes compressed size, from the manifest
     */
    public record Layer(Digest digest, long doneBytes, long totalBytes, Phase phase) {}

    /** What is being done with a layer. */
    public enum Phase {
        @JsonProperty("waiting")
        WAITING,
        @JsonProperty("downloading")
        DOWNLOADING,
        @JsonProperty("unpacking")
        UNPACKING,
        @JsonProperty("present")
        PRESENT
    }
}
