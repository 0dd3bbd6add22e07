package io.flotilla.protocol.registry;

import java.util.Set;

/** The media types of images: those of the OCI image specification and Docker's, which mean the same. */
public final class MediaTypes {

    public static final String INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
    public static final String LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
    public static final String LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";
    public static final String DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";
    public static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    public static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";
    public static final String DOCKER_LAYER_GZIP = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    public static final String DOCKER_LAYER_ZSTD = "application/vnd.docker.image.rootfs.diff.tar.zstd";

    public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";

    private static final Set<String> LAYERS =
            Set.of(LAYER, LAYER_GZIP, LAYER_ZSTD, DOCKER_LAYER, DOCKER_LAYER_GZIP, DOCKER_LAYER_ZSTD);

    static final String ACCEPTED_DOCUMENTS = String.join(", ", MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_INDEX);

    private MediaTypes() {}

    /** Whether a descriptor of this type leads to several manifests. */
    public static boolean isIndex(String mediaType) {
        return mediaType.equals(INDEX) || mediaType.equals(DOCKER_INDEX);
    }

    /** Whether a descriptor of this type leads to one image. */
    public static boolean isManifest(String mediaType) {
        return mediaType.equals(MANIFEST) || mediaType.equals(DOCKER_MANIFEST);
    }

    /** Whether this says how an image is run, and not what some other artifact is made of. */
    public static boolean isConfig(String mediaType) {
        return mediaType.equals(CONFIG) || mediaType.equals(DOCKER_CONFIG);
    }

    /** Whether this is a layer that is not compressed. */
    public static boolean isPlainLayer(String mediaType) {
        return mediaType.equals(LAYER) || mediaType.equals(DOCKER_LAYER);
    }

    /** Whether this is a layer that lies at some other place, where a registry's rules do not hold. */
    public static boolean isForeignLayer(String mediaType) {
        return mediaType.startsWith("application/vnd.docker.image.rootfs.foreign.diff.tar")
                || mediaType.startsWith("application/vnd.oci.image.layer.nondistributable.v1.tar");
    }

    /** Whether this is a layer of a root file system that the registry itself keeps (not one of the "foreign" kinds). */
    public static boolean isLayer(String mediaType) {
        return LAYERS.contains(mediaType);
    }
}
