package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.NodeImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Takes away what nobody needs: when it is asked to, when images have more than their limit, when the disk is full. */
final class Collector {

    private static final System.Logger LOG = System.getLogger(Collector.class.getName());

    private final ImageRecords records;
    private final LayerStore layers;
    private final Leases leases;
    private final Needs needs;
    private final InstantSource clock;
    private final Path limitFile;
    private volatile @Nullable Long limit;

    /** What is needed now, by a lease or by the rest of the agent. */
    private record Needed(Set<Digest> images, Set<Digest> layers) {}

    Collector(ImageRecords records, LayerStore layers, Leases leases, Needs needs, InstantSource clock, Path limitFile)
            throws IOException {
        this.records = records;
        this.layers = layers;
        this.leases = leases;
        this.needs = needs;
        this.clock = clock;
        this.limitFile = limitFile;
        this.limit = Files.exists(limitFile)
                ? Long.valueOf(Files.readString(limitFile).strip())
                : null;
    }

    NodeImages show() throws IOException {
        return clean(Long.MAX_VALUE, true);
    }

    NodeImages limit(@Nullable Long bytes) throws IOException {
        if (bytes == null) {
            DurableFiles.delete(limitFile);
        } else {
            DurableFiles.write(limitFile, (bytes + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        limit = bytes;
        return clean(bytes == null ? Long.MAX_VALUE : bytes, false);
    }

    /** Keeps the limit. A failure is of no consequence for whoever has just pulled. */
    void keepLimit() {
        Long most = limit;
        if (most != null && total() > most) {
            try {
                clean(most, false);
            } catch (IOException | RuntimeException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "images have more than their limit and cannot be taken away: " + e);
            }
        }
    }

    /** Makes room; returns how many bytes there are more. */
    long free(long bytes) throws IOException {
        return clean(Math.max(0, total() - bytes), false).freedBytes();
    }

    private long total() {
        return layers.all().stream().mapToLong(Layer::bytes).sum();
    }

    NodeImages clean(long keepBytes, boolean preview) throws IOException {
        List<Path> doomed = new ArrayList<>();
        try {
            leases.gate.lock();
            try {
                return clean(keepBytes, preview, doomed);
            } finally {
                leases.gate.unlock();
            }
        } finally {
            for (Path tree : doomed) {
                DurableFiles.erase(tree);
            }
        }
    }

    private NodeImages clean(long keepBytes, boolean preview, List<Path> doomed) throws IOException {
        Needed needed = needed();
        Map<Digest, Long> sizes = layers.all().stream().collect(Collectors.toMap(Layer::chainId, Layer::bytes));
        Eviction eviction = Eviction.plan(
                records.all().stream()
                        .map(image -> new Eviction.Candidate(image, records.used(image)))
                        .toList(),
                sizes,
                needed.images(),
                needed.layers(),
                keepBytes);
        List<NodeImages.Image> gone = eviction.images().stream()
                .map(image -> described(image, sizes, needed))
                .toList();
        if (!preview) {
            carryOut(eviction, needed, doomed);
        }
        return new NodeImages(
                records.all().stream()
                        .map(image -> described(image, sizes, needed))
                        .sorted(Comparator.comparing(NodeImages.Image::usedAt).reversed())
                        .toList(),
                total(),
                limit,
                gone,
                eviction.bytes());
    }

    private Needed needed() throws IOException {
        Set<Digest> images = new HashSet<>(leases.held());
        images.addAll(needs.images());
        Set<Digest> kept = new HashSet<>(leases.held());
        Set<Path> directories = needs.layers();
        layers.all().stream()
                .filter(layer -> directories.contains(layers.directory(layer)))
                .forEach(layer -> kept.add(layer.chainId()));
        return new Needed(images, kept);
    }

    private void carryOut(Eviction eviction, Needed needed, List<Path> doomed) throws IOException {
        Instant now = clock.instant();
        for (StoredImage image : records.all()) {
            if (needed.images().contains(image.digest())) {
                records.touch(image.digest(), now);
            }
        }
        for (StoredImage image : eviction.images()) {
            records.remove(image);
        }
        for (Digest layer : eviction.layers()) {
            layers.detach(layer).ifPresent(doomed::add);
        }
    }

    private NodeImages.Image described(StoredImage image, Map<Digest, Long> sizes, Needed needed) {
        return new NodeImages.Image(
                image.digest(),
                image.names(),
                image.layers().stream()
                        .distinct()
                        .mapToLong(l -> sizes.getOrDefault(l, 0L))
                        .sum(),
                image.pulled(),
                records.used(image),
                needed.images().contains(image.digest()));
    }
}
