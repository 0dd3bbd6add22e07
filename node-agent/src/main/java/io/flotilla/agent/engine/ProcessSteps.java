package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.LaunchPlan;
import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.ProcessSpec;
import io.flotilla.agent.oci.SeccompSpec;
import io.flotilla.agent.oci.SpecException;
import io.flotilla.agent.seccomp.FilterFlags;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The steps that a container's first process and those that join it later have in common. */
final class ProcessSteps {

    /** By RLIMIT number, as x86-64 and arm64 have them. */
    private static final List<String> LIMITS = List.of(
            "RLIMIT_CPU",
            "RLIMIT_FSIZE",
            "RLIMIT_DATA",
            "RLIMIT_STACK",
            "RLIMIT_CORE",
            "RLIMIT_RSS",
            "RLIMIT_NPROC",
            "RLIMIT_NOFILE",
            "RLIMIT_MEMLOCK",
            "RLIMIT_AS",
            "RLIMIT_LOCKS",
            "RLIMIT_SIGPENDING",
            "RLIMIT_MSGQUEUE",
            "RLIMIT_NICE",
            "RLIMIT_RTPRIO",
            "RLIMIT_RTTIME");

    private ProcessSteps() {}

    /**
     * What {@code linux} says about every process of a container, and what there is to be had.
     *
     * @param filterFlags of seccomp(2)
     * @param listener who is asked by a filter that asks
     */
    record OfContainer(
            LinuxSpec.@Nullable Personality personality,
            LinuxSpec.@Nullable MemoryPolicy memoryPolicy,
            Facilities facilities,
            boolean userNamespace,
            int filterFlags,
            Optional<Step.Listener> listener) {

        /** For a container with this {@code linux} on this host; {@code state} is only needed for filters that ask. */
        static OfContainer present(LinuxSpec linux, Optional<HookState> state) {
            return of(linux, Facilities.present(), state, ContainerStatus.RUNNING);
        }

        static OfContainer of(
                LinuxSpec linux, Facilities facilities, Optional<HookState> state, ContainerStatus status) {
            SeccompSpec seccomp = linux.seccomp();
            return new OfContainer(
                    linux.personality(),
                    linux.memoryPolicy(),
                    facilities,
                    linux.lists(LinuxSpec.NamespaceType.USER),
                    seccomp == null ? 0 : FilterFlags.of(seccomp),
                    seccomp != null && FilterFlags.notifies(seccomp)
                            ? Optional.of(listener(seccomp, state.orElseThrow(), status))
                            : Optional.empty());
        }

        private static Step.Listener listener(SeccompSpec seccomp, HookState state, ContainerStatus status) {
            String path = String.valueOf(seccomp.listenerPath());
            if (!path.startsWith("/")) {
                throw new SpecException("linux.seccomp.listenerPath", "\"" + path + "\" is not absolute");
            }
            return new Step.Listener(Path.of(path), state.forListener(status, seccomp.listenerMetadata()));
        }
    }

    /** A process that joins a running container. */
    static LaunchPlan exec(
            ProcessSpec process,
            List<Path> cgroups,
            boolean stdin,
            Optional<ByteBuffer> filter,
            OfContainer container) {
        ProcessRules.refuse(process, container.facilities());
        List<Step> steps = new ArrayList<>();
        ProcessSpec.ConsoleSize size = process.consoleSize();
        steps.add(new Step.Stdio(
                process.terminal(), stdin, size == null ? 0 : size.height(), size == null ? 0 : size.width()));
        ProcessSpec.CpuAffinity affinity = process.execCPUAffinity();
        if (affinity != null && affinity.initial() != null) {
            steps.add(new Step.CpuAffinity(Bits.mask("process.execCPUAffinity.initial", affinity.initial())));
        }
        addLimits(steps, process, cgroups);
        if (affinity != null && affinity.later() != null) {
            steps.add(new Step.CpuAffinity(Bits.mask("process.execCPUAffinity.final", affinity.later())));
        }
        add(steps, process, filter, container);
        return new LaunchPlan(LaunchPlan.Kind.EXEC, steps);
    }

    /** What the shim does with the host's privilege. */
    static void addLimits(List<Step> steps, ProcessSpec process, List<Path> cgroups) {
        cgroups.forEach(group -> steps.add(new Step.JoinCgroup(group)));
        if (process.oomScoreAdj() != null) {
            steps.add(new Step.OomScore(process.oomScoreAdj()));
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < process.rlimits().size(); i++) {
            ProcessSpec.Rlimit limit = process.rlimits().get(i);
            String field = "process.rlimits[" + i + "]";
            int number = LIMITS.indexOf(limit.type());
            if (number < 0) {
                throw new SpecException(field + ".type", "\"" + limit.type() + "\" is unknown");
            }
            if (!seen.add(limit.type())) {
                throw new SpecException(field + ".type", limit.type() + " is there twice");
            }
            if (Long.compareUnsigned(limit.soft(), limit.hard()) > 0) {
                throw new SpecException(
                        field + ".soft",
                        Long.toUnsignedString(limit.soft()) + " is above the hard limit "
                                + Long.toUnsignedString(limit.hard()));
            }
            steps.add(new Step.ResourceLimit(number, limit.soft(), limit.hard()));
        }
        Scheduling.add(steps, process);
    }

    /** What the process does to itself, from its working directory to exec. */
    static void add(List<Step> steps, ProcessSpec process, Optional<ByteBuffer> filter, OfContainer container) {
        if (container.personality() != null) {
            steps.add(new Step.Personality(Scheduling.domain(container.personality())));
        }
        if (container.memoryPolicy() != null) {
            steps.add(Scheduling.memoryPolicy(container.memoryPolicy()));
        }
        steps.add(new Step.WorkingDirectory(process.cwd(), true));
        ProcessSpec.User user = process.user();
        if (user.umask() != null) {
            steps.add(new Step.Umask(user.umask()));
        }
        container.listener().ifPresent(steps::add);
        Optional<Step> load = filter.map(program -> new Step.Seccomp(program, container.filterFlags()));
        if (!process.noNewPrivileges()) {
            load.ifPresent(steps::add); // the kernel demands CAP_SYS_ADMIN for it, which the next steps take away
        }
        steps.add(new Step.Identity(user.uid(), user.gid(), user.additionalGids()));
        if (process.capabilities() != null) {
            Facilities facilities = container.facilities();
            steps.add(Grants.of(
                    process.capabilities(),
                    container.userNamespace() ? facilities.knownCapabilities() : facilities.capabilities()));
        }
        if (process.noNewPrivileges()) {
            steps.add(new Step.NoNewPrivileges());
            load.ifPresent(steps::add);
        }
        addLabels(steps, process);
        steps.add(new Step.Execute(candidates(process), process.args(), process.env()));
    }

    private static void addLabels(List<Step> steps, ProcessSpec process) {
        if (process.apparmorProfile() != null) {
            steps.add(new Step.SecurityLabel("apparmor", process.apparmorProfile()));
        }
        if (process.selinuxLabel() != null) {
            steps.add(new Step.SecurityLabel("selinux", process.selinuxLabel()));
        }
    }

    /** Where the program may be, in the order of the container's own PATH, as execvp(3) searches it. */
    private static List<String> candidates(ProcessSpec process) {
        String program = process.args().getFirst();
        if (program.indexOf('/') >= 0) {
            return List.of(program);
        }
        List<String> candidates = new ArrayList<>();
        for (String variable : process.env()) {
            if (variable.startsWith("PATH=")) {
                for (String directory : variable.substring("PATH=".length()).split(":", -1)) {
                    candidates.add((directory.isEmpty() ? "." : directory) + "/" + program);
                }
            }
        }
        if (candidates.isEmpty()) {
            throw new SpecException("process.args[0]", "\"" + program + "\" has no directory, and there is no PATH");
        }
        return candidates;
    }
}
