package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.BadDigestException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Small content (manifests, image configs) by digest, and the records that say which images exist. */
final class ImageRecords {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final Path blobs;
    private final Path records;
    private final Map<Digest, StoredImage> known = new ConcurrentHashMap<>();
    private final Map<Digest, Instant> used = new ConcurrentHashMap<>();

    ImageRecords(Path content) throws IOException {
        this.blobs = Files.createDirectories(content.resolve("blobs"));
        this.records = Files.createDirectories(content.resolve("images"));
        removeDrafts(blobs);
        removeDrafts(records);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(records, "*.json")) {
            for (Path file : files) {
                try {
                    StoredImage image = MAPPER.readValue(Files.readAllBytes(file), StoredImage.class);
                    known.put(image.digest(), image);
                    used.put(image.digest(), Files.getLastModifiedTime(file).toInstant());
                } catch (JacksonException e) {
                    Files.deleteIfExists(file);
                }
            }
        }
        removeBlobsOfNoImage();
    }

    /** A pull that was cut off between its blobs and its record leaves them. */
    private void removeBlobsOfNoImage() throws IOException {
        Set<Path> needed = new HashSet<>();
        for (StoredImage image : known.values()) {
            needed.add(file(blobs, image.manifestDigest(), ""));
            needed.add(file(blobs, image.config(), ""));
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(blobs)) {
            for (Path file : files) {
                if (!needed.contains(file)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static void removeDrafts(Path directory) throws IOException {
        try (DirectoryStream<Path> drafts = Files.newDirectoryStream(directory, "*.new")) {
            for (Path draft : drafts) {
                Files.deleteIfExists(draft);
            }
        }
    }

    /** @param bytes already verified against the digest */
    void putBlob(Digest digest, byte[] bytes) throws IOException {
        Path file = file(blobs, digest, "");
        if (!Files.exists(file)) {
            DurableFiles.write(file, bytes);
        }
    }

    byte[] blob(Digest digest) throws IOException {
        byte[] bytes = Files.readAllBytes(file(blobs, digest, ""));
        var digester = digest.digester();
        digester.update(bytes);
        if (!Digest.of(digester).equals(digest)) {
            throw new BadDigestException("content " + digest + " was damaged on this node's disk; remove the image");
        }
        return bytes;
    }

    Optional<StoredImage> find(Digest digest) {
        return Optional.ofNullable(known.get(digest));
    }

    List<StoredImage> all() {
        return List.copyOf(known.values());
    }

    void put(StoredImage image, Instant now) throws IOException {
        DurableFiles.write(file(records, image.digest(), ".json"), MAPPER.writeValueAsBytes(image));
        known.put(image.digest(), image);
        touch(image.digest(), now);
    }

    /** Somebody needs the image. Kept as the record's time and not synced: after a power cut it may be an older one. */
    void touch(Digest digest, Instant now) throws IOException {
        used.put(digest, now);
        Files.setLastModifiedTime(file(records, digest, ".json"), FileTime.from(now));
    }

    /** When an image that is here was last needed. */
    Instant used(StoredImage image) {
        return used.getOrDefault(image.digest(), image.pulled());
    }

    void remove(StoredImage image) throws IOException {
        known.remove(image.digest());
        used.remove(image.digest());
        DurableFiles.delete(file(records, image.digest(), ".json"));
        for (Digest blob : List.of(image.manifestDigest(), image.config())) {
            if (known.values().stream()
                    .noneMatch(
                            i -> i.manifestDigest().equals(blob) || i.config().equals(blob))) {
                DurableFiles.delete(file(blobs, blob, ""));
            }
        }
    }

    private static Path file(Path directory, Digest digest, String suffix) {
        return directory.resolve(digest.algorithm() + "-" + digest.hex() + suffix);
    }
}
