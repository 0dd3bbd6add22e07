package io.flotilla.controlplane.recording;

import io.flotilla.controlplane.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Which recordings are too old, too many or too large. Pure. */
final class Retention {

    /** A recording that has ended and whose file is there. */
    record Held(UUID id, Instant endedAt, long bytes) {}

    private Retention() {}

    /** @param newestFirst by the time of their end */
    static List<UUID> excess(List<Held> newestFirst, Settings.Terminals limits, Instant now) {
        Instant oldest = now.minus(Duration.ofDays(limits.keepDays()));
        List<UUID> excess = new ArrayList<>();
        int count = 0;
        long bytes = 0;
        for (Held each : newestFirst) {
            count++;
            bytes += each.bytes();
            if (count > limits.keepCount()
                    || bytes > limits.keepBytes()
                    || each.endedAt().isBefore(oldest)) {
                excess.add(each.id());
            }
        }
        return excess;
    }
}
