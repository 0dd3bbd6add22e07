package io.flotilla.agent.seccomp;

import io.flotilla.agent.kernel.SeccompLibrary;
import io.flotilla.agent.kernel.SeccompLibrary.Comparison;
import io.flotilla.agent.oci.SeccompSpec;
import io.flotilla.agent.oci.SpecException;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** One compilation of a resolved profile. */
final class FilterCompiler {

    private final SeccompSpec profile;
    private final CallNumbers newer;
    private final List<Architecture> architectures;
    private final int defaultAction;
    /** The highest call number that a rule names, for each architecture. */
    private final Map<Architecture, Integer> newest = new EnumMap<>(Architecture.class);

    FilterCompiler(Host host, SeccompSpec profile) {
        this.profile = profile;
        this.newer = new CallNumbers(host.architecture());
        this.architectures = architectures(host, profile);
        this.defaultAction =
                Actions.action("linux.seccomp.defaultAction", profile.defaultAction(), profile.defaultErrnoRet());
        FilterFlags.of(profile);
    }

    /** The native one always; one that this kernel runs no programs of is of no consequence. */
    private static List<Architecture> architectures(Host host, SeccompSpec profile) {
        List<String> here = Architecture.of(host);
        if (profile.architectures().isEmpty()) {
            return here.stream().map(Architecture::named).toList();
        }
        profile.architectures().forEach(Architecture::requireKnown);
        return here.stream()
                .filter(name ->
                        name.equals(here.getFirst()) || profile.architectures().contains(name))
                .map(Architecture::named)
                .toList();
    }

    byte[] compile() throws IOException {
        try (SeccompLibrary filter = new SeccompLibrary(defaultAction)) {
            // Calls without a name first: when other architectures are present libseccomp refuses them.
            addRules(filter, false);
            for (Architecture architecture : architectures) {
                filter.addArchitecture(architecture.token);
            }
            addRules(filter, true);
            return Prologue.prepend(newest, answersWithError(), filter.program());
        }
    }

    private boolean answersWithError() {
        return profile.defaultAction().equals("SCMP_ACT_ERRNO")
                && !Integer.valueOf(Errnos.ENOSYS).equals(profile.defaultErrnoRet());
    }

    private void addRules(SeccompLibrary filter, boolean named) throws IOException {
        for (int i = 0; i < profile.syscalls().size(); i++) {
            SeccompSpec.Rule rule = profile.syscalls().get(i);
            String field = "linux.seccomp.syscalls[" + i + "]";
            int action = Actions.action(field + ".action", rule.action(), rule.errnoRet());
            for (String call : rule.names()) {
                OptionalInt known = SeccompLibrary.resolve(call);
                OptionalInt number = named ? known : newer.find(call);
                if (known.isPresent() == named && number.isPresent()) {
                    remember(call, number.getAsInt(), named);
                    addRule(filter, field, action, number.getAsInt(), rule.args());
                }
            }
        }
    }

    /** A call that is unknown to library and table is left out, as the OCI runtimes do; the default holds for it. */
    private void addRule(
            SeccompLibrary filter, String field, int action, int call, List<SeccompSpec.Argument> arguments)
            throws IOException {
        if (action == defaultAction) {
            return; // libseccomp refuses what would change nothing
        }
        long distinct = arguments.stream()
                .mapToInt(SeccompSpec.Argument::index)
                .distinct()
                .count();
        if (distinct == arguments.size()) {
            filter.addRule(
                    action,
                    call,
                    arguments.stream().map(a -> comparison(field, a)).toList());
            return;
        }
        // The specification's runtimes read several conditions on one argument as alternatives.
        for (SeccompSpec.Argument argument : arguments) {
            filter.addRule(action, call, List.of(comparison(field, argument)));
        }
    }

    private static Comparison comparison(String field, SeccompSpec.Argument argument) {
        if (argument.index() < 0 || argument.index() > 5) {
            throw new SpecException(field + ".args.index", argument.index() + " is not from 0 to 5");
        }
        int operator = Actions.comparison(field + ".args.op", argument.op());
        return new Comparison(argument.index(), operator, argument.value(), argument.valueTwo());
    }

    private void remember(String call, int number, boolean named) {
        if (!named) {
            newest.merge(architectures.getFirst(), number, Math::max);
            return;
        }
        for (Architecture architecture : architectures) {
            OptionalInt own = SeccompLibrary.resolve(architecture.token, call);
            if (own.isPresent() && own.getAsInt() >= 0) {
                newest.merge(architecture, own.getAsInt() & ~architecture.offset, Math::max);
            }
        }
    }
}
