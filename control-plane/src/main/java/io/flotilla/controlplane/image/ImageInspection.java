package io.flotilla.controlplane.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.ImageConfig;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of an image.
 *
 * @param digest of its index or manifest
 * @param variants one for each platform
 * @param usedBy workloads, of those that the caller may see, whose current revision runs this digest
 */
public record ImageInspection(
        ImageName name, Digest digest, String mediaType, List<Variant> variants, List<User> usedBy) {

    public ImageInspection {
        variants = List.copyOf(variants);
        usedBy = List.copyOf(usedBy);
    }

    /**
     * The image for one platform.
     *
     * @param digest of its manifest
     * @param created as the image's maker wrote it
     * @param bytes to download: config and layers
     * @param config how a container of it is run
     * @param layers lowest first
     * @param history oldest first; for people
     */
    public record Variant(
            String platform,
            Digest digest,
            @Nullable String created,
            @Nullable String author,
            long bytes,
            Config config,
            List<Layer> layers,
            List<Step> history) {

        public Variant {
            layers = List.copyOf(layers);
            history = List.copyOf(history);
        }
    }

    /** How a container is run, in the words of the OCI image specification (config.md). */
    public record Config(
            String user,
            List<String> env,
            List<String> entrypoint,
            List<String> cmd,
            String workingDir,
            List<String> exposedPorts,
            List<String> volumes,
            Map<String, String> labels,
            String stopSignal) {

        static Config of(ImageConfig.Defaults defaults) {
            return new Config(
                    defaults.user(),
                    defaults.env(),
                    defaults.entrypoint(),
                    defaults.cmd(),
                    defaults.workingDir(),
                    defaults.exposedPorts().stream().sorted().toList(),
                    defaults.volumes().stream().sorted().toList(),
                    new TreeMap<>(defaults.labels()),
                    defaults.stopSignal());
        }
    }

    /**
     * One layer.
     *
     * @param digest of the layer as it is kept and downloaded
     * @param diffId of the layer unpacked
     * @param bytes as it is kept
     */
    public record Layer(Digest digest, Digest diffId, String mediaType, long bytes) {}

    /**
     * How the image came to be, step by step.
     *
     * @param layer what the step added; null if nothing
     */
    public record Step(
            @Nullable String created,
            @Nullable String createdBy,
            @Nullable String comment,
            @Nullable Layer layer) {}

    /** A workload that runs the image. */
    public record User(UUID workload, String name, String team, int revision) {}
}
