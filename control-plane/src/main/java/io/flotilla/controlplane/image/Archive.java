package io.flotilla.controlplane.image;

import io.flotilla.protocol.archive.ArchiveException;
import io.flotilla.protocol.archive.TarEntry;
import io.flotilla.protocol.archive.TarReader;
import io.flotilla.protocol.registry.Documents;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A tar archive of an image, read in passes, since {@code manifest.json} and {@code index.json} may come last and nothing
 * is ever unpacked to a path that the archive names. Also reads the archive in gzip.
 */
final class Archive {

    private static final int MOST_MEMBERS = 100_000;

    private final Path file;
    private final Map<String, byte[]> small = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private final Set<String> names = new HashSet<>();

    /** Gets the members that were asked for, one after the other. */
    interface Visitor {
        void member(String name, TarEntry entry, InputStream content) throws IOException;
    }

    /** Looks the archive through once and keeps its JSON documents. */
    Archive(Path file) throws IOException {
        this.file = file;
        each((name, entry, content) -> {
            names.add(name);
            if (entry.kind() == TarEntry.Kind.SYMBOLIC_LINK || entry.kind() == TarEntry.Kind.HARD_LINK) {
                links.put(name, resolved(name, entry));
            } else if (isDocument(name)) {
                requireShort(name, entry.size());
                small.put(name, content.readAllBytes());
            }
        });
    }

    private static boolean isDocument(String name) {
        return name.equals("manifest.json") || name.equals("index.json") || name.equals("oci-layout");
    }

    static void requireShort(String name, long size) throws ArchiveException {
        if (size > Documents.LONGEST) {
            throw new ArchiveException(
                    "the archive's " + name + " has " + size + " bytes; at most " + Documents.LONGEST + " are read");
        }
    }

    /** Old versions of docker save write a layer that occurs twice as a link to the first. */
    private static String resolved(String name, TarEntry entry) {
        if (entry.kind() == TarEntry.Kind.HARD_LINK) {
            return clean(entry.link());
        }
        Path parent = Path.of("/" + name).getParent();
        return clean(String.valueOf(
                (parent == null ? Path.of("/") : parent).resolve(entry.link()).normalize()));
    }

    private static String clean(String name) {
        return name.replaceFirst("^(\\./|/)+", "").replaceFirst("/$", "");
    }

    Optional<byte[]> document(String name) {
        return Optional.ofNullable(small.get(name));
    }

    boolean has(String name) {
        return names.contains(name);
    }

    /** The member that a name stands for, through a link. */
    String target(String name) {
        return links.getOrDefault(name, name);
    }

    void each(Visitor visitor) throws IOException {
        try (InputStream in = open()) {
            TarReader reader = new TarReader(in);
            int count = 0;
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                if (++count > MOST_MEMBERS) {
                    throw new ArchiveException("the archive has more than " + MOST_MEMBERS + " members");
                }
                if (entry.kind() != TarEntry.Kind.DIRECTORY) {
                    visitor.member(clean(entry.name()), entry, reader.content());
                }
            }
        } catch (EOFException | ZipException e) {
            throw new ArchiveException(
                    "the archive is in gzip, which is damaged or ends too early (" + e.getMessage() + ")");
        }
    }

    private InputStream open() throws IOException {
        BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file), 64 << 10);
        in.mark(4);
        int first = in.read();
        int second = in.read();
        in.reset();
        return first == 0x1f && second == 0x8b ? new GZIPInputStream(in, 64 << 10) : in;
    }
}
