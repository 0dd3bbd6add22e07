package io.flotilla.agent.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.agent.plan.AllocationState;
import io.flotilla.agent.plan.Restarts;
import io.flotilla.agent.plan.Specs;
import io.flotilla.protocol.AllocEvent;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.RestartPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    @TempDir
    Path dir;

    @Test
    void numbersEventsFromOneWithoutGapsAcrossRestarts() throws IOException {
        try (Journal journal = Journal.open(dir)) {
            journal.record(state(1, "a"), NOW);
            journal.record(state(2, "b"), NOW);
            journal.stored(2, NOW);
        }
        try (Journal journal = Journal.open(dir)) {
            assertThat(journal.pendingAfter(0, 10)).isEmpty();
            AllocEvent event = journal.record(state(1, "c"), NOW).orElseThrow();
            assertThat(event.seq()).isEqualTo(3);
        }
    }

    @Test
    void keepsEventsUntilTheyAreStored() throws IOException {
        try (Journal journal = Journal.open(dir)) {
            for (int i = 0; i < 5; i++) {
                journal.record(state(1, "reason " + i), NOW);
            }
            journal.stored(3, NOW);
        }
        try (Journal journal = Journal.open(dir)) {
            assertThat(seqs(journal.pendingAfter(0, 10))).containsExactly(4L, 5L);
            assertThat(seqs(journal.pendingAfter(4, 10))).containsExactly(5L);
            assertThat(seqs(journal.pendingAfter(0, 1))).containsExactly(4L);
        }
    }

    @Test
    void reportsTheSameStateOnlyOnce() throws IOException {
        try (Journal journal = Journal.open(dir)) {
            assertThat(journal.record(state(1, "a"), NOW)).isPresent();
            assertThat(journal.record(state(1, "a"), NOW.plusSeconds(1))).isEmpty();
        }
        try (Journal journal = Journal.open(dir)) {
            assertThat(journal.record(state(1, "a"), NOW.plusSeconds(2))).isEmpty();
        }
    }

    @Test
    void cutsOffALineThatAPowerCutHasTorn() throws IOException {
        try (Journal journal = Journal.open(dir)) {
            journal.record(state(1, "ä"), NOW);
        }
        Files.writeString(dir.resolve("journal"), "{\"event\":{\"seq\":2,", StandardOpenOption.APPEND);
        try (Journal journal = Journal.open(dir)) {
            assertThat(seqs(journal.pendingAfter(0, 10))).containsExactly(1L);
            journal.record(state(1, "b"), NOW);
        }
        try (Journal journal = Journal.open(dir)) {
            assertThat(seqs(journal.pendingAfter(0, 10))).containsExactly(1L, 2L);
            assertThat(journal.states().get(Specs.id(1))).isEqualTo(state(1, "b"));
        }
    }

    @Test
    void losesNothingWhenItCompactsItself() throws IOException {
        String padding = "x".repeat(20_000);
        try (Journal journal = Journal.open(dir)) {
            for (int i = 0; i < 120; i++) {
                journal.record(state(i, padding + i), NOW);
                journal.stored(Math.max(0, i - 2), NOW);
            }
            assertThat(Files.size(dir.resolve("journal"))).isLessThan(1 << 20);
        }
        try (Journal journal = Journal.open(dir)) {
            assertThat(seqs(journal.pendingAfter(0, 10))).containsExactly(118L, 119L, 120L);
            assertThat(journal.states()).hasSize(120);
        }
    }

    @Test
    void survivesACrashBetweenCheckpointAndTruncation() throws IOException {
        try (Journal journal = Journal.open(dir)) {
            journal.record(state(1, "a"), NOW);
        }
        String line = Files.readString(dir.resolve("journal"));
        try (Journal journal = Journal.open(dir)) {
            String padding = "x".repeat(600_000);
            journal.record(state(2, padding), NOW);
            journal.record(state(2, padding + "y"), NOW);
        }
        assertThat(dir.resolve("checkpoint")).exists();
        Files.writeString(dir.resolve("journal"), line);
        try (Journal journal = Journal.open(dir)) {
            assertThat(seqs(journal.pendingAfter(0, 10))).containsExactly(1L, 2L, 3L);
        }
    }

    @Test
    void reportsEverythingAnewUnderNumbersThatTheControlPlaneHasNotSeenWhenTheJournalWasLost() throws IOException {
        try (Journal journal = Journal.open(dir)) {
            journal.record(state(1, "a"), NOW);
            journal.record(state(1, "b"), NOW);
            journal.record(state(2, "c"), NOW);
            journal.stored(40, NOW.plusSeconds(1));
        }
        try (Journal journal = Journal.open(dir)) {
            List<AllocEvent> pending = journal.pendingAfter(3, 10);
            assertThat(seqs(pending)).containsExactly(41L, 42L);
            assertThat(pending).extracting(AllocEvent::reason).containsExactlyInAnyOrder("b", "c");
            assertThat(journal.record(state(3, "d"), NOW).orElseThrow().seq()).isEqualTo(43);
        }
    }

    @Test
    void forgetsOnlyWhatIsGone() throws IOException {
        try (Journal journal = Journal.open(dir)) {
            journal.record(state(1, "a"), NOW);
            journal.forget(Specs.id(1));
            assertThat(journal.states()).containsKey(Specs.id(1));
        }
    }

    private static List<Long> seqs(List<AllocEvent> events) {
        return events.stream().map(AllocEvent::seq).toList();
    }

    private static AllocationState state(int number, String reason) {
        AllocationState placed = new AllocationState(
                Specs.id(number),
                Specs.allocation(number, RestartPolicy.NEVER),
                AllocStatus.PLACED,
                0,
                0,
                "",
                1,
                0,
                null,
                null,
                null,
                List.of(),
                null,
                false);
        return Restarts.afterFailure(placed, reason, null, true, NOW);
    }
}
