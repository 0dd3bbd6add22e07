package io.flotilla.controlplane.ui.fleet;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the Join page shows.
 *
 * @param line what to paste; null before it was made or after a reload, because it is shown once
 * @param token the token's id; the steps below are its own
 */
public record JoinPage(
        @Nullable String line,
        @Nullable String token,
        @Nullable Instant expires,
        List<Step> steps,
        String address,
        @Nullable String warning) {

    /** One step that ticks itself. */
    public record Step(
            String status,
            String title,
            String why,
            @Nullable Instant when,
            List<NodePage.Check> checks) {}
}
