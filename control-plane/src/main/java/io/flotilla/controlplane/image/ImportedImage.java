package io.flotilla.controlplane.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.Descriptor;
import java.util.Map;
import java.util.Set;

/**
 * An image whose content is in the content store, before the database knows of it.
 *
 * @param root its index or manifest
 * @param blobs everything it consists of, the root included
 * @param links which document names which content
 */
record ImportedImage(Descriptor root, Set<Descriptor> blobs, Map<Digest, Set<Digest>> links) {

    ImportedImage {
        blobs = Set.copyOf(blobs);
        links = Map.copyOf(links);
    }
}
