package io.flotilla.agent.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code linux.seccomp} of the runtime specification, names as libseccomp's ({@code SCMP_ACT_ALLOW}). */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SeccompSpec(
        String defaultAction,
        @Nullable Integer defaultErrnoRet,
        List<String> architectures,
        List<String> flags,
        @Nullable String listenerPath,
        @Nullable String listenerMetadata,
        List<Rule> syscalls) {

    public SeccompSpec {
        architectures = Lists.copy(architectures);
        flags = Lists.copy(flags);
        syscalls = Lists.copy(syscalls);
    }

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Rule(
            List<String> names, String action, @Nullable Integer errnoRet, List<Argument> args) {
        public Rule {
            names = Lists.copy(names);
            args = Lists.copy(args);
        }
    }

    /** {@code value} and {@code valueTwo} are unsigned. */
    @JsonInclude
    public record Argument(
            int index, @Unsigned long value, @Unsigned long valueTwo, String op) {}
}
