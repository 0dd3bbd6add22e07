package io.flotilla.controlplane.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.archive.ArchiveException;
import io.flotilla.protocol.registry.BadDocumentException;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.ImageDocument;
import io.flotilla.protocol.registry.Index;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Takes an image out of an archive into the content store: an OCI image layout (image-layout.md, also what {@code docker
 * save} writes today), or the older form of {@code docker save} with a {@code manifest.json} only, for which a manifest is
 * made here. Only what the image consists of is taken.
 */
final class ArchiveImport {

    private static final String REF_NAME = "org.opencontainers.image.ref.name";

    private final Archive archive;
    private final ContentStore content;
    private final Set<Digest> stored;

    /** @param stored gets what is put into the content store, also when the import fails after that */
    ArchiveImport(Archive archive, ContentStore content, Set<Digest> stored) {
        this.archive = archive;
        this.content = content;
        this.stored = stored;
    }

    /** @param wanted which of several images, by the tag or name that the archive has for it; null if there is one only */
    ImportedImage take(@Nullable String wanted) throws IOException {
        if (archive.document("index.json").isPresent()
                && archive.document("oci-layout").isPresent()) {
            return fromLayout(archive.document("index.json").orElseThrow(), wanted);
        }
        if (archive.document("manifest.json").isPresent()) {
            return fromDockerSave(archive.document("manifest.json").orElseThrow(), wanted);
        }
        throw new ArchiveException(
                "the archive is no image: it has neither oci-layout with index.json nor manifest.json at its top");
    }

    /** What the archive calls its images; those that it calls nothing are left out. */
    static List<String> names(Archive archive) throws IOException {
        Set<String> names = new LinkedHashSet<>();
        if (archive.document("index.json").isPresent()) {
            requireIndex(archive.document("index.json").orElseThrow())
                    .manifests()
                    .forEach(d ->
                            Optional.ofNullable(d.annotations().get(REF_NAME)).ifPresent(names::add));
        } else if (archive.document("manifest.json").isPresent()) {
            byte[] manifest = archive.document("manifest.json").orElseThrow();
            for (JsonNode image : read("manifest.json", () -> Documents.tree(manifest))) {
                image.path("RepoTags").forEach(tag -> names.add(tag.asString("")));
            }
        }
        return List.copyOf(names);
    }

    private ImportedImage fromLayout(byte[] index, @Nullable String wanted) throws IOException {
        List<Descriptor> roots = requireIndex(index).manifests();
        List<Descriptor> chosen = roots.stream()
                .filter(d -> wanted == null || d.annotations().values().stream().anyMatch(v -> v.equals(wanted)))
                .filter(d -> MediaTypes.isIndex(d.mediaType()) || MediaTypes.isManifest(d.mediaType()))
                .toList();
        if (chosen.size() != 1) {
            throw new ArchiveException("the archive has " + roots.size() + " images"
                    + (wanted == null ? "" : ", " + chosen.size() + " of them called \"" + wanted + "\"")
                    + "; say which with ?image= one of "
                    + roots.stream()
                            .map(d -> d.annotations()
                                    .getOrDefault(REF_NAME, d.digest().value()))
                            .toList());
        }
        Set<Descriptor> blobs = new HashSet<>();
        Map<Digest, Set<Digest>> links = new HashMap<>();
        Map<Digest, Descriptor> pending = new HashMap<>(Map.of(chosen.getFirst().digest(), chosen.getFirst()));
        while (!pending.isEmpty()) {
            takeLevel(pending, blobs);
            Map<Digest, Descriptor> next = new HashMap<>();
            for (Descriptor descriptor : pending.values()) {
                for (Descriptor child : children(descriptor)) {
                    if (isPresentOrStored(child)) {
                        links.computeIfAbsent(descriptor.digest(), _ -> new HashSet<>())
                                .add(child.digest());
                        next.put(child.digest(), child);
                    } else if (!MediaTypes.isIndex(descriptor.mediaType())) {
                        throw new ArchiveException("the archive lacks " + child.digest() + ", which image "
                                + descriptor.digest() + " consists of");
                    }
                }
            }
            pending = next;
        }
        requireRunnable(chosen.getFirst(), blobs);
        return new ImportedImage(chosen.getFirst(), blobs, links);
    }

    /** Whoever shows or starts an image reads its manifest and its config, so an image without good ones is none. */
    private void requireRunnable(Descriptor root, Set<Descriptor> blobs) throws IOException {
        boolean found = false;
        for (Descriptor blob : blobs) {
            if (MediaTypes.isManifest(blob.mediaType())
                    && document(blob) instanceof Manifest manifest
                    && (MediaTypes.isConfig(manifest.config().mediaType())
                            || blob.digest().equals(root.digest()))) {
                requireDiffIds(manifest.config(), manifest.layers());
                found = true;
            }
        }
        if (!found) {
            throw new ArchiveException("the archive has none of the images that its index names");
        }
    }

    /** An index may name platforms that the archive leaves out; nodes of these are told so when they ask. */
    private boolean isPresentOrStored(Descriptor child) {
        return archive.has(path(child.digest())) || content.has(child.digest());
    }

    private static String path(Digest digest) {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    private void takeLevel(Map<Digest, Descriptor> wanted, Set<Descriptor> taken) throws IOException {
        Map<String, Descriptor> byPath = new HashMap<>();
        wanted.values().forEach(d -> byPath.put(path(d.digest()), d));
        archive.each((name, entry, in) -> {
            Descriptor descriptor = byPath.remove(name);
            if (descriptor != null && !content.has(descriptor.digest())) {
                stored.add(content.put(in, descriptor, "archive member " + name));
            }
        });
        for (Descriptor descriptor : wanted.values()) {
            if (!content.has(descriptor.digest())) {
                throw new ArchiveException("the archive lacks " + descriptor.digest());
            }
            taken.add(new Descriptor(descriptor.mediaType(), descriptor.digest(), descriptor.size()));
        }
    }

    private List<Descriptor> children(Descriptor descriptor) throws IOException {
        if (!MediaTypes.isIndex(descriptor.mediaType()) && !MediaTypes.isManifest(descriptor.mediaType())) {
            return List.of();
        }
        return switch (document(descriptor)) {
            case Index index -> index.manifests();
            case Manifest manifest -> {
                List<Descriptor> parts = new ArrayList<>(manifest.layers());
                parts.add(manifest.config());
                yield parts;
            }
        };
    }

    private static Index requireIndex(byte[] bytes) throws IOException {
        if (read("index.json", () -> Documents.read(bytes, null)) instanceof Index index) {
            return index;
        }
        throw new BadDocumentException("the archive's index.json is no index");
    }

    private ImageDocument document(Descriptor descriptor) throws IOException {
        byte[] bytes = bytes(descriptor);
        return read(path(descriptor.digest()), () -> Documents.read(bytes, descriptor.mediaType()));
    }

    private byte[] bytes(Descriptor descriptor) throws IOException {
        Archive.requireShort(path(descriptor.digest()), descriptor.size());
        return Files.readAllBytes(content.file(descriptor.digest()));
    }

    private interface Reading<T> {
        T read() throws BadDocumentException;
    }

    /** Says which of the archive's many documents is the bad one. */
    private static <T> T read(String name, Reading<T> reading) throws BadDocumentException {
        try {
            return reading.read();
        } catch (BadDocumentException e) {
            throw new BadDocumentException("the archive's " + name + ": " + e.getMessage());
        }
    }

    private ImportedImage fromDockerSave(byte[] manifestJson, @Nullable String wanted) throws IOException {
        JsonNode image = choose(read("manifest.json", () -> Documents.tree(manifestJson)), wanted);
        String configName = image.path("Config").asString("");
        List<String> layerNames = new ArrayList<>();
        image.path("Layers").forEach(l -> layerNames.add(archive.target(l.asString(""))));
        if (layerNames.size() > Manifest.MOST_LAYERS) {
            throw new ArchiveException("the archive's image has " + layerNames.size()
                    + " layers; overlayfs stacks at most " + Manifest.MOST_LAYERS);
        }
        Map<String, Descriptor> found = new HashMap<>();
        archive.each((name, entry, in) -> {
            boolean config = name.equals(configName);
            if ((config || layerNames.contains(name)) && !found.containsKey(name)) {
                found.put(name, store(in, config ? MediaTypes.CONFIG : MediaTypes.LAYER));
            }
        });
        List<Descriptor> layers = new ArrayList<>();
        for (String name : layerNames) {
            layers.add(require(found, name));
        }
        Descriptor config = require(found, configName);
        // The name of the config is its digest in every version of docker save; a changed one would go unnoticed
        // otherwise.
        String stem = configName.replaceFirst("^.*/", "").replaceFirst("\\.json$", "");
        if (stem.matches("[0-9a-f]{64}") && !stem.equals(config.digest().hex())) {
            throw new ArchiveException("the archive's " + configName + " is not what its name says");
        }
        requireDiffIds(config, layers);
        byte[] bytes = Documents.write(new Manifest(2, MediaTypes.MANIFEST, config, layers, Map.of()));
        Descriptor manifest = new Descriptor(MediaTypes.MANIFEST, Digest.sha256(bytes), bytes.length);
        stored.add(content.put(new ByteArrayInputStream(bytes), manifest, "manifest"));
        Set<Descriptor> blobs = new HashSet<>(layers);
        blobs.add(config);
        Set<Digest> parts = new HashSet<>();
        blobs.forEach(b -> parts.add(b.digest()));
        blobs.add(manifest);
        return new ImportedImage(manifest, blobs, Map.of(manifest.digest(), parts));
    }

    /** The config has the digest of every unpacked layer; a layer that is not compressed has the same itself. */
    private void requireDiffIds(Descriptor config, List<Descriptor> layers) throws IOException {
        byte[] bytes = bytes(config);
        List<Digest> diffIds = read(path(config.digest()), () -> Documents.readConfig(bytes))
                .rootfs()
                .diffIds();
        boolean same = diffIds.size() == layers.size();
        for (int i = 0; same && i < layers.size(); i++) {
            Descriptor layer = layers.get(i);
            same = !MediaTypes.isPlainLayer(layer.mediaType()) || layer.digest().equals(diffIds.get(i));
        }
        if (!same) {
            throw new ArchiveException("the archive's layers are not those that its config names");
        }
    }

    private Descriptor store(InputStream in, String mediaType) throws IOException {
        PushbackInputStream peeked = new PushbackInputStream(in, 2);
        byte[] magic = peeked.readNBytes(2);
        peeked.unread(magic);
        boolean gzip = magic.length == 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b;
        Digest digest = content.put(peeked, null, "archive member");
        stored.add(digest);
        return new Descriptor(
                gzip && mediaType.equals(MediaTypes.LAYER) ? MediaTypes.LAYER_GZIP : mediaType,
                digest,
                Files.size(content.file(digest)));
    }

    private static Descriptor require(Map<String, Descriptor> found, String name) throws ArchiveException {
        Descriptor descriptor = found.get(name);
        if (descriptor == null) {
            throw new ArchiveException("the archive lacks \"" + name + "\", which its manifest.json names");
        }
        return descriptor;
    }

    private static JsonNode choose(JsonNode images, @Nullable String wanted) throws ArchiveException {
        List<JsonNode> chosen = new ArrayList<>();
        for (JsonNode image : images) {
            boolean named = wanted == null;
            for (JsonNode tag : image.path("RepoTags")) {
                named |= tag.asString("").equals(wanted);
            }
            if (named) {
                chosen.add(image);
            }
        }
        if (chosen.size() != 1) {
            throw new ArchiveException("the archive has " + images.size() + " images"
                    + (wanted == null ? "" : ", " + chosen.size() + " of them called \"" + wanted + "\"")
                    + "; say which with ?image=");
        }
        return chosen.getFirst();
    }
}
