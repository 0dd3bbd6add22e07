package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Names for stacks of layers (OCI image specification, config.md, "Layer ChainID"). */
final class ChainIds {

    private ChainIds() {}

    /** For each layer the name of the stack that ends with it, lowest first. */
    static List<Digest> of(List<Digest> diffIds) {
        List<Digest> chain = new ArrayList<>();
        for (Digest diffId : diffIds) {
            chain.add(
                    chain.isEmpty()
                            ? diffId
                            : Digest.sha256((chain.getLast() + " " + diffId).getBytes(StandardCharsets.US_ASCII)));
        }
        return chain;
    }
}
