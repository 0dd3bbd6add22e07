package io.flotilla.agent.ledger;

import io.flotilla.protocol.Codec;
import io.flotilla.protocol.NodeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Keeps the newest NodeSpec. What it has accepted is on disk before anybody is told so, and it never goes back: an older
 * (incarnation, generation) is refused, and so is the same with other content.
 */
public final class Ledger {

    private final Path file;
    private volatile NodeSpec current;

    private Ledger(Path file, NodeSpec current) {
        this.file = file;
        this.current = current;
    }

    /** Opens the ledger; a missing file is a ledger that holds the empty spec (0, 0). */
    public static Ledger open(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new Ledger(file, new NodeSpec(0, 0, java.util.List.of()));
        }
        try {
            return new Ledger(file, Codec.decode(Files.readString(file), NodeSpec.class));
        } catch (IllegalArgumentException e) {
            throw new IOException("ledger " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** What shall run here; the empty spec (0, 0) before the first was accepted. */
    public NodeSpec current() {
        return current;
    }

    /**
     * Accepts a spec, durably, or says why not.
     *
     * @return empty when the spec is now (or already was) the current one, else the reason as a sentence
     */
    public synchronized Optional<String> accept(NodeSpec offered) throws IOException {
        NodeSpec held = current;
        boolean same = offered.incarnation() == held.incarnation() && offered.generation() == held.generation();
        if (same) {
            return offered.equals(held)
                    ? Optional.empty()
                    : Optional.of("the node holds " + name(held) + " with other content");
        }
        if (!offered.isNewerThan(held)) {
            return Optional.of("the node holds " + name(held) + ", which is newer than " + name(offered));
        }
        DurableFile.write(file, Codec.encode(offered));
        current = offered;
        return Optional.empty();
    }

    private static String name(NodeSpec spec) {
        return "generation " + spec.generation() + " of incarnation " + spec.incarnation();
    }
}
