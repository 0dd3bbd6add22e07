package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.ImageConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * An image that is here, whole and verified.
 *
 * @param digest what it was asked for by: a manifest's digest or that of an index
 * @param manifestDigest the manifest that suits this machine; equal to {@code digest} if that is no index
 * @param layers directory trees, lowest first, all in one common parent directory; whiteouts and opaque directories are in
 *     overlayfs's form (character device 0/0, {@code trusted.overlay.opaque})
 */
public record LocalImage(Digest digest, Digest manifestDigest, ImageConfig config, List<Path> layers) {

    public LocalImage {
        layers = List.copyOf(layers);
    }
}
