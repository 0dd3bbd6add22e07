package io.flotilla.agent.seccomp;

import io.flotilla.agent.oci.SeccompSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A profile whose rules depend on the container's capabilities and on the host; {@link #resolve} settles both. */
public record Profile(String defaultErrno, List<Rule> rules) {

    public Profile {
        rules = List.copyOf(rules);
    }

    /** {@code errno} null allows. Each alternative is one set of comparisons; without any the calls match always. */
    record Rule(
            List<String> calls,
            @Nullable String errno,
            List<List<SeccompSpec.Argument>> alternatives,
            Condition condition) {}

    record Version(int major, int minor) {}

    /** Empty sets and null hold always. */
    record Condition(
            Set<String> with,
            Set<String> without,
            Set<String> architectures,
            @Nullable Version since) {

        boolean holds(Set<String> capabilities, Host host) {
            return capabilities.containsAll(with)
                    && without.stream().noneMatch(capabilities::contains)
                    && (architectures.isEmpty() || architectures.contains(host.architecture()))
                    && (since == null || host.since(since.major(), since.minor()));
        }
    }

    /** The profile of ordinary containers. */
    public static Profile ordinary() {
        return ProfileReader.resource("default.profile");
    }

    /**
     * The profile for one container in the runtime specification's form.
     *
     * @param capabilities the bounding set, names as {@code CAP_CHOWN}
     */
    public SeccompSpec resolve(Set<String> capabilities, Host host) {
        List<SeccompSpec.Rule> resolved = new ArrayList<>();
        for (Rule rule : rules) {
            if (!rule.condition().holds(capabilities, host)) {
                continue;
            }
            String action = rule.errno() == null ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO";
            Integer errno = rule.errno() == null ? null : Errnos.number(rule.errno());
            if (rule.alternatives().isEmpty()) {
                resolved.add(new SeccompSpec.Rule(rule.calls(), action, errno, List.of()));
            }
            for (List<SeccompSpec.Argument> arguments : rule.alternatives()) {
                resolved.add(new SeccompSpec.Rule(rule.calls(), action, errno, arguments));
            }
        }
        return new SeccompSpec(
                "SCMP_ACT_ERRNO", Errnos.number(defaultErrno), Architecture.of(host), List.of(), null, null, resolved);
    }
}
