package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Needs that a test changes. */
final class ChangingNeeds implements Needs {

    final Set<Digest> images = ConcurrentHashMap.newKeySet();
    final Set<Path> layers = ConcurrentHashMap.newKeySet();

    @Override
    public Set<Digest> images() {
        return images;
    }

    @Override
    public Set<Path> layers() {
        return layers;
    }
}
