package io.flotilla.controlplane.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.MediaTypes;
import io.flotilla.protocol.registry.Platform;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * The bundled image: one static program of our own, so that the first container needs no registry. The same program always
 * makes the same digest: no time and no order of the machine enters it.
 */
final class SampleImage {

    static final String REPOSITORY = "flotilla/sample";
    static final String TAG = "latest";

    /** A user of its own, without a name that could be mistaken for one of the host. */
    private static final String USER = "10001:10001";

    private static final List<String> TOOLS = List.of(
            "burn",
            "cat",
            "echo",
            "env",
            "false",
            "hold",
            "hostname",
            "id",
            "ls",
            "ps",
            "serve",
            "sh",
            "sleep",
            "true",
            "tty");

    private SampleImage() {}

    static ImportedImage store(ContentStore content) throws IOException {
        byte[] layer = layer(program());
        Descriptor layerBlob = put(content, MediaTypes.LAYER, layer);
        Descriptor configBlob = put(content, MediaTypes.CONFIG, config(layerBlob.digest()));
        byte[] manifest = Documents.write(new Manifest(
                2,
                MediaTypes.MANIFEST,
                configBlob,
                List.of(layerBlob),
                Map.of("org.opencontainers.image.title", "Flotilla sample")));
        Descriptor root = put(content, MediaTypes.MANIFEST, manifest);
        return new ImportedImage(
                root,
                Set.of(root, configBlob, layerBlob),
                Map.of(root.digest(), Set.of(configBlob.digest(), layerBlob.digest())));
    }

    private static Descriptor put(ContentStore content, String mediaType, byte[] bytes) throws IOException {
        Descriptor descriptor = new Descriptor(mediaType, Digest.sha256(bytes), bytes.length);
        if (!content.has(descriptor.digest())) {
            content.put(new ByteArrayInputStream(bytes), descriptor, "the sample");
        }
        return descriptor;
    }

    private static byte[] program() throws IOException {
        try (InputStream in = SampleImage.class.getResourceAsStream("sample")) {
            if (in == null) {
                throw new IOException("the sample's program is missing from this build");
            }
            return in.readAllBytes();
        }
    }

    private static byte[] layer(byte[] program) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            directory(tar, "bin/", 0755);
            for (String tool : TOOLS) {
                TarArchiveEntry link = new TarArchiveEntry("bin/" + tool, TarConstants.LF_SYMLINK);
                link.setLinkName("../sample");
                put(tar, link, 0777, new byte[0]);
            }
            directory(tar, "etc/", 0755);
            file(tar, "etc/group", 0644, "root:x:0:\nsample:x:10001:\n");
            file(tar, "etc/passwd", 0644, "root:x:0:0:root:/:/bin/sh\nsample:x:10001:10001:sample:/tmp:/bin/sh\n");
            for (String name : List.of("dev/", "proc/", "sys/")) {
                directory(tar, name, 0755);
            }
            put(tar, new TarArchiveEntry("sample"), 0755, program);
            directory(tar, "tmp/", 01777);
        }
        return bytes.toByteArray();
    }

    private static void directory(TarArchiveOutputStream tar, String name, int mode) throws IOException {
        put(tar, new TarArchiveEntry(name), mode, new byte[0]);
    }

    private static void file(TarArchiveOutputStream tar, String name, int mode, String text) throws IOException {
        put(tar, new TarArchiveEntry(name), mode, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void put(TarArchiveOutputStream tar, TarArchiveEntry entry, int mode, byte[] content)
            throws IOException {
        entry.setMode(mode);
        entry.setModTime(0);
        entry.setIds(0, 0);
        entry.setNames("", "");
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static byte[] config(Digest layer) {
        Platform platform = Platform.here();
        return Documents.write(Map.of(
                "os", platform.os(),
                "architecture", platform.architecture(),
                "config",
                        Map.of(
                                "User", USER,
                                "Entrypoint", List.of("/sample"),
                                "Env", List.of("PATH=/bin"),
                                "WorkingDir", "/",
                                "ExposedPorts", Map.of("8080/tcp", Map.of())),
                "rootfs", Map.of("type", "layers", "diff_ids", List.of(layer.value()))));
    }
}
