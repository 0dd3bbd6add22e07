package io.flotilla.protocol.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * One image for one platform (OCI image specification, manifest.md).
 *
 * @param layers lowest first
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Manifest(
        int schemaVersion,
        String mediaType,
        Descriptor config,
        List<Descriptor> layers,
        Map<String, String> annotations)
        implements ImageDocument {

    /** More layers than overlayfs can stack are refused. */
    public static final int MOST_LAYERS = 500;

    public Manifest {
        if (config == null || layers == null) {
            throw new IllegalArgumentException("a manifest needs config and layers");
        }
        if (layers.size() > MOST_LAYERS) {
            throw new IllegalArgumentException(
                    "the manifest has " + layers.size() + " layers; overlayfs stacks at most " + MOST_LAYERS);
        }
        layers = List.copyOf(layers);
        annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
    }

    /** Bytes to be downloaded: config and layers as the registry keeps them; empty when the sum is no sensible number. */
    public OptionalLong downloadBytes() {
        long sum = config.size();
        for (Descriptor layer : layers) {
            sum += layer.size();
            if (sum < 0) {
                return OptionalLong.empty();
            }
        }
        return OptionalLong.of(sum);
    }
}
