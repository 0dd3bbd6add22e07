package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known of an image on disk; the record that makes it exist, written last.
 *
 * @param names what it was pulled as, for people
 * @param config the blob with the image config
 * @param layers chain ids of the layers, lowest first
 * @param bytes content of all layers, unpacked
 */
public record StoredImage(
        Digest digest,
        Digest manifestDigest,
        Digest config,
        List<ImageName> names,
        List<Digest> layers,
        long bytes,
        Instant pulled) {

    public StoredImage {
        names = List.copyOf(names);
        layers = List.copyOf(layers);
    }

    StoredImage alsoNamed(ImageName name) {
        List<ImageName> all = new ArrayList<>(names);
        all.add(name);
        return new StoredImage(digest, manifestDigest, config, all, layers, bytes, pulled);
    }
}
