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
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

    ArchiveImport(Archive archive, ContentStore content) {
        this.archive = archive;
        this.content = content;
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

    private ImportedImage fromLayout(byte[] index, @Nullable String wanted) throws IOException {
        List<Descriptor> roots = ((Index) requireIndex(index)).manifests();
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
        return new ImportedImage(chosen.getFirst(), blobs, links);
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
                content.put(in, descriptor, "archive member " + name);
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
        byte[] bytes = Files.readAllBytes(content.file(descriptor.digest()));
        return switch (Documents.read(bytes, descriptor.mediaType())) {
            case Index index -> index.manifests();
            case Manifest manifest -> {
                List<Descriptor> parts = new ArrayList<>(manifest.layers());
                parts.add(manifest.config());
                yield parts;
            }
        };
    }

    private static ImageDocument requireIndex(byte[] bytes) throws IOException {
        ImageDocument document = Documents.read(bytes, null);
        if (!document.isIndex()) {
            throw new BadDocumentException("index.json of the archive is no index");
        }
        return document;
    }

    private ImportedImage fromDockerSave(byte[] manifestJson, @Nullable String wanted) throws IOException {
        JsonNode image = choose(Documents.tree(manifestJson), wanted);
        String configName = image.path("Config").asString("");
        List<String> layerNames = new ArrayList<>();
        image.path("Layers").forEach(l -> layerNames.add(archive.target(l.asString(""))));
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
        Descriptor manifest = new Descriptor(
                MediaTypes.MANIFEST, content.put(new ByteArrayInputStream(bytes), null, "manifest"), bytes.length);
        Set<Descriptor> blobs = new HashSet<>(layers);
        blobs.add(config);
        Set<Digest> parts = new HashSet<>();
        blobs.forEach(b -> parts.add(b.digest()));
        blobs.add(manifest);
        return new ImportedImage(manifest, blobs, Map.of(manifest.digest(), parts));
    }

    /** The layers of docker save are not compressed, so that the config's digests are theirs. */
    private void requireDiffIds(Descriptor config, List<Descriptor> layers) throws IOException {
        List<Digest> diffIds = Documents.readConfig(Files.readAllBytes(content.file(config.digest())))
                .rootfs()
                .diffIds();
        boolean gzip = layers.stream().anyMatch(l -> l.mediaType().equals(MediaTypes.LAYER_GZIP));
        if (diffIds.size() != layers.size()
                || (!gzip && !layers.stream().map(Descriptor::digest).toList().equals(diffIds))) {
            throw new ArchiveException("the archive's layers are not those that its config names");
        }
    }

    private Descriptor store(InputStream in, String mediaType) throws IOException {
        java.io.PushbackInputStream peeked = new java.io.PushbackInputStream(in, 2);
        byte[] magic = peeked.readNBytes(2);
        peeked.unread(magic);
        boolean gzip = magic.length == 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b;
        Digest digest = content.put(peeked, null, "archive member");
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
