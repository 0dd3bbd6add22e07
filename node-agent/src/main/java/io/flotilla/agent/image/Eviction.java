package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which images and layers go so that no more than so many bytes are left.
 *
 * @param images in the order in which they go
 * @param layers chain ids
 * @param bytes of these layers
 */
record Eviction(List<StoredImage> images, Set<Digest> layers, long bytes) {

    Eviction {
        images = List.copyOf(images);
        layers = Set.copyOf(layers);
    }

    /** An image and when it was last needed. */
    record Candidate(StoredImage image, Instant used) {}

    /**
     * First go layers of no image, which a pull that failed has left for its next try, then the images longest unused. An
     * image that is needed stays, and a layer stays as long as anything stands on it.
     *
     * @param layerBytes all layers, by chain id
     * @param neededImages by the digest they were asked for
     * @param neededLayers whatever images they belong to
     */
    static Eviction plan(
            Collection<Candidate> images,
            Map<Digest, Long> layerBytes,
            Set<Digest> neededImages,
            Set<Digest> neededLayers,
            long keepBytes) {
        Map<Digest, Integer> references = new HashMap<>();
        for (Candidate candidate : images) {
            new HashSet<>(candidate.image().layers()).forEach(l -> references.merge(l, 1, Integer::sum));
        }
        neededLayers.forEach(l -> references.merge(l, 1, Integer::sum));
        Set<Digest> layers = new LinkedHashSet<>();
        long left = layerBytes.values().stream().mapToLong(Long::longValue).sum();
        long freed = 0;
        if (left > keepBytes) {
            for (Digest layer : layerBytes.keySet()) {
                if (!references.containsKey(layer)) {
                    layers.add(layer);
                    freed += layerBytes.get(layer);
                }
            }
        }
        List<StoredImage> gone = new ArrayList<>();
        for (Candidate candidate : oldestFirst(images, neededImages)) {
            if (left - freed <= keepBytes) {
                break;
            }
            gone.add(candidate.image());
            for (Digest layer : new HashSet<>(candidate.image().layers())) {
                if (references.merge(layer, -1, Integer::sum) == 0) {
                    layers.add(layer);
                    freed += layerBytes.getOrDefault(layer, 0L);
                }
            }
        }
        return new Eviction(gone, layers, freed);
    }

    private static List<Candidate> oldestFirst(Collection<Candidate> images, Set<Digest> needed) {
        return images.stream()
                .filter(c -> !needed.contains(c.image().digest()))
                .sorted(Comparator.comparing(Candidate::used)
                        .thenComparing(c -> c.image().digest()))
                .toList();
    }
}
