package io.flotilla.agent.snapshot;

import java.nio.file.Path;
import java.util.List;

/**
 * What an overlay mount is made of.
 *
 * @param layersParent the one directory that all {@code lowerDirs} lie in, so that one idmapped mount serves them
 * @param lowerDirs read-only layers, lowest first (overlayfs itself wants the uppermost first)
 * @param upper the writable layer, owned by the mapped root, outside {@code layersParent}
 * @param work overlayfs's own working directory, of the same file system as {@code upper}
 */
public record Snapshot(Path layersParent, List<Path> lowerDirs, Path upper, Path work) {

    public Snapshot {
        lowerDirs = List.copyOf(lowerDirs);
    }
}
