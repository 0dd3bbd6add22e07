package io.flotilla.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.agent.image.Eviction.Candidate;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EvictionTest {

    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

    private static Digest digest(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Candidate image(String name, long usedSeconds, String... layers) {
        Digest digest = digest("image " + name);
        return new Candidate(
                new StoredImage(
                        digest,
                        digest,
                        digest("config " + name),
                        List.of(ImageName.parse(name)),
                        List.of(layers).stream().map(EvictionTest::digest).toList(),
                        0,
                        TIME),
                TIME.plusSeconds(usedSeconds));
    }

    private static final List<Candidate> IMAGES =
            List.of(image("old", 1, "base", "a"), image("new", 3, "base", "b"), image("middle", 2, "c"));

    private static final Map<Digest, Long> SIZES =
            Map.of(digest("base"), 100L, digest("a"), 10L, digest("b"), 20L, digest("c"), 30L, digest("left over"), 5L);

    private static List<String> gone(Set<Digest> images, Set<Digest> layers, long keepBytes) {
        return Eviction.plan(IMAGES, SIZES, images, layers, keepBytes).images().stream()
                .map(i -> i.names().getFirst().familiar().replace(":latest", ""))
                .toList();
    }

    @Test
    void nothingGoesWhileThereIsNoMoreThanMayStay() {
        assertThat(Eviction.plan(IMAGES, SIZES, Set.of(), Set.of(), 165))
                .isEqualTo(new Eviction(List.of(), Set.of(), 0));
    }

    @Test
    void whatAFailedPullLeftGoesFirst() {
        assertThat(Eviction.plan(IMAGES, SIZES, Set.of(), Set.of(), 160))
                .isEqualTo(new Eviction(List.of(), Set.of(digest("left over")), 5));
    }

    @Test
    void theLongestUnusedGoesBeforeTheOthers() {
        assertThat(gone(Set.of(), Set.of(), 155)).containsExactly("old");
        assertThat(gone(Set.of(), Set.of(), 149)).containsExactly("old", "middle");
        assertThat(gone(Set.of(), Set.of(), 0)).containsExactly("old", "middle", "new");
    }

    @Test
    void aLayerCountsOnceAndStaysWhileAnotherImageStandsOnIt() {
        Eviction eviction = Eviction.plan(IMAGES, SIZES, Set.of(), Set.of(), 155);
        assertThat(eviction.layers()).containsOnly(digest("left over"), digest("a"));
        assertThat(eviction.bytes()).isEqualTo(15);
    }

    @Test
    void whatIsNeededStaysWhateverTheLimitSays() {
        assertThat(gone(Set.of(digest("image old")), Set.of(), 0)).containsExactly("middle", "new");
        Eviction eviction = Eviction.plan(IMAGES, SIZES, Set.of(), Set.of(digest("base"), digest("a")), 0);
        assertThat(eviction.images()).hasSize(3);
        assertThat(eviction.layers()).containsOnly(digest("left over"), digest("b"), digest("c"));
    }

    static LongStream seeds() {
        return LongStream.range(0, 500);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void keepsWhatIsNeededAndNeverMoreThanItMust(long seed) {
        Random random = new Random(seed);
        Map<Digest, Long> sizes = new HashMap<>();
        for (int i = 0; i < 12; i++) {
            sizes.put(digest("layer " + i), (long) random.nextInt(1, 100));
        }
        List<Digest> layers = List.copyOf(sizes.keySet());
        List<Candidate> images = new ArrayList<>();
        for (int i = 0; i < random.nextInt(8); i++) {
            StoredImage bare = image("i" + i, 0).image();
            List<Digest> own = new ArrayList<>();
            for (int j = random.nextInt(1, 5); j > 0; j--) {
                own.add(layers.get(random.nextInt(layers.size())));
            }
            images.add(new Candidate(
                    new StoredImage(
                            bare.digest(), bare.manifestDigest(), bare.config(), bare.names(), own, 0, bare.pulled()),
                    TIME.plusSeconds(random.nextInt(5))));
        }
        Set<Digest> neededImages = new HashSet<>();
        images.stream()
                .filter(_ -> random.nextInt(3) == 0)
                .forEach(c -> neededImages.add(c.image().digest()));
        Set<Digest> neededLayers = new HashSet<>();
        layers.stream().filter(_ -> random.nextInt(4) == 0).forEach(neededLayers::add);
        long keep = random.nextInt(700);

        Eviction eviction = Eviction.plan(images, sizes, neededImages, neededLayers, keep);

        List<StoredImage> staying = images.stream()
                .map(Candidate::image)
                .filter(i -> !eviction.images().contains(i))
                .toList();
        assertThat(eviction.images()).noneMatch(i -> neededImages.contains(i.digest()));
        assertThat(eviction.layers()).noneMatch(neededLayers::contains);
        assertThat(staying).allMatch(i -> i.layers().stream().noneMatch(eviction.layers()::contains));
        assertThat(eviction.bytes())
                .isEqualTo(eviction.layers().stream().mapToLong(sizes::get).sum());
        long left = sizes.values().stream().mapToLong(Long::longValue).sum() - eviction.bytes();
        assertThat(left <= keep || staying.stream().allMatch(i -> neededImages.contains(i.digest())))
                .as("it stops only when enough is free or nothing more may go")
                .isTrue();
    }
}
