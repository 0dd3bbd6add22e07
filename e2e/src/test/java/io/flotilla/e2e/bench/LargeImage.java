package io.flotilla.e2e.bench;

import io.flotilla.e2e.Registry;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.Platform;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** An image of many files that compress about as well as programs and texts do, in a registry in gzip and in zstd. */
final class LargeImage {

    private static final int WORDS = 4096;
    private static final int SMALLEST = 1 << 10;
    private static final int LARGEST = 1 << 20;

    private LargeImage() {}

    static void push(Workbench bench, Registry registry, int mibOfLayer, int layers) throws IOException {
        Path parts = Files.createDirectories(bench.directory.resolve("large"));
        List<String> names = new ArrayList<>();
        List<String> diffIds = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            Path tree = Files.createDirectories(bench.directory.resolve("tree"));
            if (i == 0) {
                Workbench.output("cp", "-a", bench.image + "/.", tree.toString());
            }
            fill(tree.resolve("data" + i), (long) mibOfLayer << 20, new Random(i));
            Path layer = parts.resolve("layer" + i + ".tar");
            Workbench.output("tar", "-C", tree.toString(), "-cf", layer.toString(), ".");
            Workbench.output("rm", "-rf", tree.toString());
            names.add(layer.getFileName().toString());
            diffIds.add(
                    "sha256:" + Workbench.output("sha256sum", layer.toString()).substring(0, 64));
        }
        Files.writeString(parts.resolve("config.json"), """
                {"architecture":"%s","os":"linux","config":{"Cmd":["/bin/true"]},
                "rootfs":{"type":"layers","diff_ids":[%s]}}""".formatted(
                        Platform.here().architecture(),
                        diffIds.stream().map(d -> '"' + d + '"').collect(Collectors.joining(","))));
        Files.writeString(
                parts.resolve("manifest.json"),
                "[{\"Config\":\"config.json\",\"RepoTags\":[\"large:latest\"],\"Layers\":["
                        + names.stream().map(n -> '"' + n + '"').collect(Collectors.joining(",")) + "]}]");
        Path archive = bench.directory.resolve("large.tar");
        Workbench.output("tar", "-C", parts.toString(), "-cf", archive.toString(), ".");
        Workbench.output("rm", "-rf", parts.toString());
        for (String format : List.of("gzip", "zstd")) {
            Workbench.output(
                    "skopeo",
                    "copy",
                    "--quiet",
                    "--insecure-policy",
                    "--dest-tls-verify=false",
                    "--format=oci",
                    "--dest-compress-format=" + format,
                    "docker-archive:" + archive,
                    "docker://" + registry.name("large:" + format));
        }
        Files.delete(archive);
    }

    /** Sizes as in a distribution: many small files, few large ones. */
    private static void fill(Path directory, long bytes, Random random) throws IOException {
        Files.createDirectories(directory);
        byte[][] words = new byte[WORDS][];
        for (int i = 0; i < WORDS; i++) {
            words[i] = Digest.sha256(new byte[] {(byte) i, (byte) (i >> 8)})
                    .hex()
                    .substring(0, 4 + random.nextInt(12))
                    .getBytes(StandardCharsets.US_ASCII);
        }
        int number = 0;
        for (long left = bytes; left > 0; number++) {
            int size = (int) Math.min(left, SMALLEST << random.nextInt(11));
            size = Math.min(size, LARGEST);
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(directory.resolve("f" + number)))) {
                for (int written = 0; written < size; ) {
                    byte[] word = words[random.nextInt(WORDS)];
                    int count = Math.min(word.length, size - written);
                    out.write(word, 0, count);
                    written += count;
                }
            }
            left -= size;
        }
    }
}
