package io.flotilla.controlplane.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LivenessTest {

    private static final UUID NODE = new UUID(0, 1);

    private final Map<UUID, Long> table = new HashMap<>(Map.of(NODE, 7L));
    private long now;
    private final Liveness here = new Liveness(this::beat, () -> Map.copyOf(table), () -> now);

    private void beat(Collection<UUID> nodes) {
        nodes.forEach(each -> table.merge(each, 1L, Long::sum));
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void aBeatFromBeforeThisProcessBeganIsNoSignOfLife() {
        here.exchange();
        assertThat(here.silence(NODE).heard()).isFalse();
        assertThat(here.elsewhere(NODE)).isFalse();
    }

    @Test
    void norIsItOneIfTheNodeWasAskedForBeforeTheFirstReading() {
        assertThat(here.silence(NODE).heard()).isFalse();
        here.exchange();
        assertThat(here.silence(NODE).heard()).isFalse();
    }

    @Test
    void aBeatOfAnotherReplicaIsHeardAndIsElsewhere() {
        here.exchange();
        pass(Duration.ofSeconds(5));
        beat(List.of(NODE));
        here.exchange();
        assertThat(here.silence(NODE)).isEqualTo(new Liveness.Silence(true, Duration.ZERO));
        assertThat(here.elsewhere(NODE)).isTrue();
    }

    @Test
    void elsewhereEndsWithTheBeatsAndWithASessionHere() {
        here.exchange();
        beat(List.of(NODE));
        here.exchange();
        here.heard(NODE);
        assertThat(here.elsewhere(NODE)).isFalse();
        here.exchange();
        assertThat(here.elsewhere(NODE)).isFalse();
        beat(List.of(NODE));
        here.exchange();
        assertThat(here.elsewhere(NODE)).isTrue();
        pass(Duration.ofSeconds(12));
        assertThat(here.elsewhere(NODE)).isFalse();
        assertThat(here.silence(NODE)).isEqualTo(new Liveness.Silence(true, Duration.ofSeconds(12)));
    }

    @Test
    void whatIsHeardHereIsWrittenOnce() {
        here.heard(NODE);
        here.exchange();
        here.exchange();
        assertThat(table).containsEntry(NODE, 8L);
        assertThat(here.silence(NODE).heard()).isTrue();
    }
}
