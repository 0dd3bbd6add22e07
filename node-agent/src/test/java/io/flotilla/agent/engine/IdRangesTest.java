package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdRangesTest {

    @TempDir
    private Path directory;

    private IdRanges open() throws IOException {
        return IdRanges.open(directory.resolve("ids"), "0badcafe");
    }

    @Test
    void givesEachAllocationARangeOfItsOwnAndAlwaysTheSame() throws IOException {
        IdRanges ranges = open();
        Set<Long> bases = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            UUID allocation = UUID.randomUUID();
            long base = ranges.take(allocation);
            assertThat(base % IdRanges.SIZE).isZero();
            assertThat(base).isBetween(0x10000000L, 0x6FFF0000L);
            assertThat(ranges.take(allocation)).isEqualTo(base);
            assertThat(bases.add(base)).isTrue();
        }
    }

    @Test
    void remembersAcrossRestarts() throws IOException {
        UUID allocation = UUID.randomUUID();
        long base = open().take(allocation);
        assertThat(open().find(allocation)).hasValue(base);
        assertThat(open().take(UUID.randomUUID())).isNotEqualTo(base);
    }

    @Test
    void ignoresADraftThatACrashLeft() throws IOException {
        open();
        Files.writeString(directory.resolve("ids/draft"), "half a uu");
        UUID allocation = UUID.randomUUID();
        long base = open().take(allocation);
        assertThat(open().find(allocation)).hasValue(base);
    }

    @Test
    void givesARangeBackAndHasNoneLeftOver() throws IOException {
        IdRanges ranges = open();
        UUID allocation = UUID.randomUUID();
        ranges.take(allocation);
        ranges.release(allocation);
        ranges.release(allocation);
        assertThat(ranges.find(allocation)).isEmpty();
        try (var files = Files.list(directory.resolve("ids"))) {
            assertThat(files).isEmpty();
        }
    }
}
