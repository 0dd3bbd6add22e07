package io.flotilla.controlplane.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.Index;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Archives of images, whole or with one thing wrong. */
final class MadeArchive {

    private final Map<String, byte[]> members = new LinkedHashMap<>();

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    MadeArchive member(String name, byte[] content) {
        members.put(name, content);
        return this;
    }

    MadeArchive without(Digest digest) {
        members.remove(path(digest));
        return this;
    }

    /** A blob of an OCI layout under its true name. */
    Descriptor blob(String mediaType, byte[] content) {
        Descriptor descriptor = new Descriptor(mediaType, Digest.sha256(content), content.length);
        member(path(descriptor.digest()), content);
        return descriptor;
    }

    static String path(Digest digest) {
        return "blobs/sha256/" + digest.hex();
    }

    MadeArchive layout(Descriptor... roots) {
        member("oci-layout", text("{\"imageLayoutVersion\":\"1.0.0\"}"));
        return member("index.json", Documents.write(new Index(2, MediaTypes.INDEX, List.of(roots), Map.of())));
    }

    /** A whole image of one layer; returns its manifest. */
    Descriptor image(byte[] layer) {
        return manifest(blob(MediaTypes.CONFIG, config(layer)), blob(MediaTypes.LAYER, layer));
    }

    Descriptor manifest(Descriptor config, Descriptor... layers) {
        return blob(
                MediaTypes.MANIFEST,
                Documents.write(new Manifest(2, MediaTypes.MANIFEST, config, List.of(layers), Map.of())));
    }

    static byte[] config(byte[]... layers) {
        return Documents.write(Map.of(
                "os",
                "linux",
                "architecture",
                "amd64",
                "rootfs",
                Map.of(
                        "type",
                        "layers",
                        "diff_ids",
                        List.of(layers).stream()
                                .map(layer -> Digest.sha256(layer).value())
                                .toList())));
    }

    /** What {@code docker save} wrote before it wrote layouts. */
    MadeArchive dockerSave(byte[]... layers) {
        byte[] config = config(layers);
        String configName = Digest.sha256(config).hex() + ".json";
        List<String> names = java.util.stream.IntStream.range(0, layers.length)
                .mapToObj(i -> i + "/layer.tar")
                .toList();
        for (int i = 0; i < layers.length; i++) {
            member(names.get(i), layers[i]);
        }
        member(configName, config);
        return member(
                "manifest.json",
                Documents.write(List.of(Map.of("Config", configName, "RepoTags", List.of("made:1"), "Layers", names))));
    }

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(member.getKey(), TarConstants.LF_NORMAL);
                entry.setSize(member.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(member.getValue());
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    Path write(Path file) throws IOException {
        return Files.write(file, bytes());
    }
}
