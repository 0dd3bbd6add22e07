package io.flotilla.controlplane.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.Index;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.MediaTypes;
import io.flotilla.protocol.registry.Platform;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Images as one tar archive that is both an OCI image layout (image-layout.md) and what {@code docker load} reads, as {@code
 * docker save} writes it. The same images give the same bytes.
 */
public final class ArchiveExport {

    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final String CONTAINERD_NAME = "io.containerd.image.name";

    private final ImageService images;
    private final Map<ImageName, Descriptor> roots;

    ArchiveExport(ImageService images, Map<ImageName, Descriptor> roots) {
        this.images = images;
        this.roots = new LinkedHashMap<>(roots);
    }

    /** Writes the archive; closes nothing. */
    public void writeTo(OutputStream out) throws IOException {
        Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
        List<Descriptor> named = new ArrayList<>();
        List<Map<String, Object>> forDocker = new ArrayList<>();
        for (Map.Entry<ImageName, Descriptor> root : roots.entrySet()) {
            Descriptor descriptor = root.getValue();
            String name = root.getKey().familiar();
            named.add(new Descriptor(
                    descriptor.mediaType(),
                    descriptor.digest(),
                    descriptor.size(),
                    null,
                    Map.of(REF_NAME, name, CONTAINERD_NAME, ImageName.DOCKER_HUB + "/" + name)));
            collect(descriptor, blobs);
            forDocker.add(forDocker(name, descriptor));
        }
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        document(tar, "oci-layout", Documents.write(Map.of("imageLayoutVersion", "1.0.0")));
        document(tar, "index.json", Documents.write(new Index(2, MediaTypes.INDEX, named, Map.of())));
        document(tar, "manifest.json", Documents.write(forDocker));
        for (Digest digest : blobs.keySet()) {
            blob(tar, digest);
        }
        tar.finish();
    }

    private void collect(Descriptor descriptor, Map<Digest, Descriptor> blobs) {
        if (images.content(descriptor.digest()).isEmpty() || blobs.put(descriptor.digest(), descriptor) != null) {
            return; // An index may name platforms that were never imported.
        }
        if (MediaTypes.isIndex(descriptor.mediaType()) || MediaTypes.isManifest(descriptor.mediaType())) {
            switch (images.document(descriptor.digest())) {
                case Index index -> index.manifests().forEach(m -> collect(m, blobs));
                case Manifest manifest -> {
                    collect(manifest.config(), blobs);
                    manifest.layers().forEach(l -> collect(l, blobs));
                }
            }
        }
    }

    /** Docker reads one platform only: this machine's, else the first that is here. */
    private Map<String, Object> forDocker(String name, Descriptor root) {
        Manifest manifest = switch (images.document(root.digest())) {
            case Manifest own -> own;
            case Index index ->
                index.select(Platform.here())
                        .filter(m -> images.content(m.digest()).isPresent())
                        .or(() -> index.manifests().stream()
                                .filter(m -> MediaTypes.isManifest(m.mediaType())
                                        && images.content(m.digest()).isPresent())
                                .findFirst())
                        .map(m -> images.document(m.digest()))
                        .map(Manifest.class::cast)
                        .orElseThrow();
        };
        return Map.of(
                "Config",
                path(manifest.config().digest()),
                "RepoTags",
                List.of(name),
                "Layers",
                manifest.layers().stream().map(l -> path(l.digest())).toList());
    }

    private static String path(Digest digest) {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    private static void document(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        tar.putArchiveEntry(entry(name, content.length));
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private void blob(TarArchiveOutputStream tar, Digest digest) throws IOException {
        Path file = images.file(digest);
        tar.putArchiveEntry(entry(path(digest), Files.size(file)));
        Files.copy(file, tar);
        tar.closeArchiveEntry();
    }

    private static TarArchiveEntry entry(String name, long size) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(size);
        entry.setMode(0100644);
        entry.setModTime(0L);
        return entry;
    }
}
