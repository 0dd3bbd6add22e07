package io.flotilla.agent.engine.launch;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a shim is started with.
 *
 * @param runtimeDirectory an existing 0700 directory for its socket, record and exit record
 * @param logDirectory an existing directory for log segments; empty when the plan has no {@link Step.Log}
 */
public record ShimRequest(Path runtimeDirectory, Optional<Path> logDirectory, LaunchPlan plan) {

    public ShimRequest {
        boolean logs = plan.steps().stream().anyMatch(Step.Log.class::isInstance);
        if (logs != logDirectory.isPresent()) {
            throw new IllegalArgumentException("a log directory is needed exactly when the plan has a log step");
        }
    }
}
