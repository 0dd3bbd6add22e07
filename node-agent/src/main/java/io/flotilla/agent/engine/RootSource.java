package io.flotilla.agent.engine;

import java.nio.file.Path;
import java.util.List;

/** Where a container's root comes from. */
sealed interface RootSource {

    /** Layers, lowest first, below one parent, with a writable layer on top. */
    record Overlay(Path parent, List<String> lower, Path upper, Path work) implements RootSource {
        public Overlay {
            lower = List.copyOf(lower);
        }
    }

    /** A directory as it is, with the owners that it has: who made it knows the id maps. */
    record Directory(Path path) implements RootSource {}
}
