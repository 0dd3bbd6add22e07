package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;
import java.util.List;

/**
 * An unpacked layer on the layers below it.
 *
 * @param chainId names the layer and all below it (OCI image specification, config.md, "Layer ChainID")
 * @param number the name of its directory
 * @param bytes of the uncompressed archive
 * @param hidesAllBelow the layer declares its root opaque
 * @param omitted members and attributes that were left out on purpose
 * @param implied directories that the archive lies in but does not describe; they still have to be given the owner, mode and
 *     time that they have in the layers below
 */
record Layer(Digest chainId, long number, long bytes, boolean hidesAllBelow, long omitted, List<String> implied) {

    Layer {
        implied = List.copyOf(implied);
    }

    Layer settled() {
        return new Layer(chainId, number, bytes, hidesAllBelow, omitted, List.of());
    }
}
