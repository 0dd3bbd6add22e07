package io.flotilla.agent.image;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looks at the disk's free space every now and then while a layer is written. */
final class Space {

    private static final long BYTES_BETWEEN = 16 << 20;
    /** A file of no bytes still takes an inode and an entry. */
    private static final long BYTES_PER_FILE = 4 << 10;

    private final Path place;
    private final FileStore store;
    private final long keepFree;
    private long sinceLook;

    Space(Path place, long keepFree) throws IOException {
        this.place = place;
        this.store = Files.getFileStore(place);
        this.keepFree = keepFree;
        look();
    }

    void use(long bytes) throws IOException {
        sinceLook += bytes == 0 ? BYTES_PER_FILE : bytes;
        if (sinceLook >= BYTES_BETWEEN) {
            sinceLook = 0;
            look();
        }
    }

    private void look() throws IOException {
        long free = store.getUsableSpace();
        if (free < keepFree) {
            throw new DiskFullException(
                    "disk full: " + (free >> 20) + " MiB are free for " + place + " and " + (keepFree >> 20)
                            + " MiB have to stay free",
                    null);
        }
    }
}
