package io.flotilla.agent.engine.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips tests that make real containers where that cannot work, and says why. */
final class RootRequired implements ExecutionCondition {

    static final Path BUSYBOX = Path.of("/bin/busybox");

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        try {
            if (!Files.readString(Path.of("/proc/self/status")).contains("\nUid:\t0\t0\t")) {
                return ConditionEvaluationResult.disabled("needs root: makes namespaces and mounts");
            }
        } catch (IOException e) {
            return ConditionEvaluationResult.disabled("needs Linux with /proc: " + e.getMessage());
        }
        if (!Files.isExecutable(BUSYBOX)) {
            return ConditionEvaluationResult.disabled("needs /bin/busybox (Debian package busybox-static)");
        }
        return ConditionEvaluationResult.enabled("root, with busybox");
    }
}
