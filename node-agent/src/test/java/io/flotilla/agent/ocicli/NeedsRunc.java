package io.flotilla.agent.ocicli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips tests that make real containers, beside runc's, where that cannot work, and says why. */
final class NeedsRunc implements ExecutionCondition {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (!"root".equals(System.getProperty("user.name"))) {
            return ConditionEvaluationResult.disabled("needs root: makes namespaces and mounts");
        }
        if (!Files.isExecutable(Path.of("/bin/busybox"))) {
            return ConditionEvaluationResult.disabled("needs /bin/busybox (Debian package busybox-static)");
        }
        boolean runc =
                List.of("/usr/sbin/runc", "/usr/bin/runc").stream().anyMatch(p -> Files.isExecutable(Path.of(p)));
        return runc
                ? ConditionEvaluationResult.enabled("root, with busybox and runc")
                : ConditionEvaluationResult.disabled("needs runc (Debian package runc)");
    }
}
