package io.flotilla.controlplane.recording;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RetentionTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
    private static final UUID NEWEST = new UUID(0, 3);
    private static final UUID MIDDLE = new UUID(0, 2);
    private static final UUID OLDEST = new UUID(0, 1);

    private static final List<Retention.Held> HELD = List.of(
            new Retention.Held(NEWEST, NOW.minus(Duration.ofDays(1)), 5000),
            new Retention.Held(MIDDLE, NOW.minus(Duration.ofDays(10)), 5000),
            new Retention.Held(OLDEST, NOW.minus(Duration.ofDays(20)), 5000));

    private static List<UUID> excess(int days, int count, long bytes) {
        return Retention.excess(HELD, new Settings.Terminals(Duration.ZERO, 4096, days, count, bytes), NOW);
    }

    @Test
    void keepsWhatIsWithinEveryLimit() {
        assertThat(excess(20, 3, 15_000)).isEmpty();
    }

    @Test
    void removesWhatIsTooOldTooManyOrTooLargeTheOldestFirst() {
        assertThat(excess(15, 3, 15_000)).containsExactly(OLDEST);
        assertThat(excess(20, 1, 15_000)).containsExactly(MIDDLE, OLDEST);
        assertThat(excess(20, 3, 10_000)).containsExactly(OLDEST);
    }
}
