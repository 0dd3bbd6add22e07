package io.flotilla.controlplane.image;

import io.flotilla.controlplane.settings.Settings;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.BadDigestException;
import io.flotilla.protocol.registry.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Files by digest: written beside, synced, verified, renamed, directory synced; only then may a row speak of them. What is
 * on its way lies in {@code incoming} and is gone after a restart.
 */
@Component
public class ContentStore {

    private static final int BUFFER = 64 << 10;

    private final Path blobs;
    private final Path incoming;

    ContentStore(Settings settings) {
        Path content = settings.privateDirectory().resolve("content");
        this.blobs = content.resolve("blobs");
        this.incoming = content.resolve("incoming");
        try {
            for (Path directory : Set.of(blobs, incoming)) {
                Files.createDirectories(directory);
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            }
            try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(incoming)) {
                for (Path leftover : leftovers) {
                    Files.deleteIfExists(leftover);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("content directory " + content, e);
        }
    }

    /** A new, empty file for an upload; the caller deletes it. */
    public Path incomingFile() throws IOException {
        return Files.createTempFile(incoming, "upload", ".new");
    }

    /** Stores content whose digest is known before, or (null) is found out. */
    Digest put(InputStream content, @Nullable Descriptor expected, String subject) throws IOException {
        Path draft = incomingFile();
        try {
            MessageDigest digester =
                    expected == null ? Digest.sha256() : expected.digest().digester();
            long length = copy(content, draft, digester);
            Digest found = Digest.of(digester);
            if (expected != null && (!found.equals(expected.digest()) || length != expected.size())) {
                throw new BadDigestException(subject + " should be " + expected.digest() + " of " + expected.size()
                        + " bytes, but is " + found + " of " + length + " bytes");
            }
            Files.move(draft, file(found), StandardCopyOption.ATOMIC_MOVE);
            sync(blobs);
            return found;
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static long copy(InputStream content, Path draft, MessageDigest digester) throws IOException {
        long length = 0;
        try (FileChannel out = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            byte[] buffer = new byte[BUFFER];
            int count;
            while ((count = content.readNBytes(buffer, 0, BUFFER)) > 0) {
                digester.update(buffer, 0, count);
                ByteBuffer rest = ByteBuffer.wrap(buffer, 0, count);
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
                length += count;
            }
            out.force(true);
        }
        return length;
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Where content lies if it is here. */
    public Path file(Digest digest) {
        return blobs.resolve(digest.algorithm() + "-" + digest.hex());
    }

    boolean has(Digest digest) {
        return Files.exists(file(digest));
    }

    void delete(Digest digest) throws IOException {
        Files.deleteIfExists(file(digest));
    }

    /** The digests of all files, for a search for orphans. */
    Set<Digest> all() throws IOException {
        Set<Digest> found = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(blobs)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (name.matches("sha256-[0-9a-f]{64}|sha512-[0-9a-f]{128}")) {
                    found.add(new Digest(name.replaceFirst("-", ":")));
                }
            }
        }
        return found;
    }
}
