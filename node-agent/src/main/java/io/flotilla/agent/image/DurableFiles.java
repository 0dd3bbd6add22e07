package io.flotilla.agent.image;

import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.TreeFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Files that are there whole or not at all after a power cut, and directory trees that vanish at once. */
public final class DurableFiles {

    private static final AtomicLong COUNTER = new AtomicLong();

    private DurableFiles() {}

    /** Data, fsync, rename, fsync of the directory. Leftovers of a crash end in {@code .new}. */
    public static void write(Path file, byte[] content) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + "." + COUNTER.incrementAndGet() + ".new");
        try {
            try (FileChannel out = FileChannel.open(
                    draft,
                    Set.of(
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE))) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
                out.force(true);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(draft);
            throw e;
        }
        syncDirectory(parentOf(file));
    }

    /** Makes names in a directory durable; not by a channel, which an interrupt would close. */
    public static void syncDirectory(Path directory) throws IOException {
        try (Fd fd = Descriptors.open(directory.toString(), Descriptors.O_DIRECTORY, 0)) {
            TreeFiles.sync(fd, directory.toString());
        }
    }

    public static void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            syncDirectory(parentOf(file));
        }
    }

    /**
     * Removes a directory tree of any shape. It disappears from its place at once, by a rename into the trash; a crash
     * leaves only trash. Works on a full disk, and on an interrupted thread: a pull that is given up is one.
     *
     * @param trash a directory of the same file system that holds nothing else
     */
    public static void discard(Path tree, Path trash) throws IOException {
        discard(tree, trash, true);
    }

    /** As above, but waits for no disk: after a power cut the tree may be there again. */
    public static void discardUnsynced(Path tree, Path trash) throws IOException {
        discard(tree, trash, false);
    }

    private static void discard(Path tree, Path trash, boolean durably) throws IOException {
        if (!Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(tree);
            return;
        }
        Path doomed = detach(tree, trash);
        if (durably) {
            syncDirectory(parentOf(tree));
        }
        erase(doomed);
    }

    /** The first half of {@link #discard}: takes a tree out of its place, which is quick however large it is. */
    static Path detach(Path tree, Path trash) throws IOException {
        Path doomed = trash.resolve("d" + COUNTER.incrementAndGet() + "-" + System.nanoTime());
        Files.move(tree, doomed, StandardCopyOption.ATOMIC_MOVE);
        return doomed;
    }

    /** The second half. */
    static void erase(Path doomed) throws IOException {
        empty(doomed);
        Files.deleteIfExists(doomed);
    }

    /**
     * Removes all that is below a directory. Works by open directories only, so that nothing in the tree can lead it astray,
     * and holds two of them however deep the tree is: a directory that is not empty is moved up to the top.
     */
    public static void empty(Path directory) throws IOException {
        try (SecureDirectoryStream<Path> top = open(directory)) {
            boolean again = true;
            while (again) {
                again = false;
                try (SecureDirectoryStream<Path> pass = open(directory)) {
                    for (Path entry : pass) {
                        Path name = entry.getFileName();
                        if (name != null && !remove(top, name)) {
                            hoist(top, name);
                            again = true;
                        }
                    }
                }
            }
        }
    }

    /** @return false for a directory that is not empty */
    private static boolean remove(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        try {
            directory.deleteFile(name);
            return true;
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            try {
                directory.deleteDirectory(name);
                return true;
            } catch (DirectoryNotEmptyException full) {
                return false;
            } catch (NotDirectoryException gone) {
                throw e;
            }
        }
    }

    private static void hoist(SecureDirectoryStream<Path> top, Path name) throws IOException {
        try (SecureDirectoryStream<Path> inner = top.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : inner) {
                Path child = entry.getFileName();
                if (child != null && !remove(inner, child)) {
                    inner.move(child, top, Path.of("h" + COUNTER.incrementAndGet() + "-" + System.nanoTime()));
                }
            }
        }
        remove(top, name);
    }

    // The caller closes the stream. On Linux it is always of the secure kind; anything else fails here and now.
    @SuppressWarnings("StreamResourceLeak")
    private static SecureDirectoryStream<Path> open(Path directory) throws IOException {
        return (SecureDirectoryStream<Path>) Files.newDirectoryStream(directory);
    }

    private static Path parentOf(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " has no parent directory");
        }
        return parent;
    }
}
