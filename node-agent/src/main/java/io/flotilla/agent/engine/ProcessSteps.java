package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.LaunchPlan;
import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.oci.Capability;
import io.flotilla.agent.oci.ProcessSpec;
import io.flotilla.agent.oci.SpecException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    private static final List<String> POLICIES = List.of(
            "SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE");

    private static final List<String> IO_CLASSES =
            List.of("IOPRIO_CLASS_NONE", "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE");

    private ProcessSteps() {}

    /** A process that joins a running container. */
    static LaunchPlan exec(ProcessSpec process, List<Path> cgroups, boolean stdin, Optional<ByteBuffer> filter) {
        List<Step> steps = new ArrayList<>();
        ProcessSpec.ConsoleSize size = process.consoleSize();
        steps.add(new Step.Stdio(
                process.terminal(), stdin, size == null ? 0 : size.height(), size == null ? 0 : size.width()));
        addLimits(steps, process, cgroups);
        add(steps, process, filter);
        return new LaunchPlan(LaunchPlan.Kind.EXEC, steps);
    }

    /** What the shim does with the host's privilege. */
    static void addLimits(List<Step> steps, ProcessSpec process, List<Path> cgroups) {
        cgroups.forEach(group -> steps.add(new Step.JoinCgroup(group)));
        if (process.oomScoreAdj() != null) {
            steps.add(new Step.OomScore(process.oomScoreAdj()));
        }
        for (int i = 0; i < process.rlimits().size(); i++) {
            ProcessSpec.Rlimit limit = process.rlimits().get(i);
            int number = LIMITS.indexOf(limit.type());
            if (number < 0) {
                throw new SpecException("process.rlimits[" + i + "].type", "\"" + limit.type() + "\" is unknown");
            }
            steps.add(new Step.ResourceLimit(number, limit.soft(), limit.hard()));
        }
    }

    /** What the process does to itself, from its working directory to exec. */
    static void add(List<Step> steps, ProcessSpec process, Optional<ByteBuffer> filter) {
        if (!process.cwd().startsWith("/")) {
            throw new SpecException("process.cwd", "\"" + process.cwd() + "\" is not absolute");
        }
        if (process.args().isEmpty()) {
            throw new SpecException("process.args", "is empty");
        }
        addScheduling(steps, process);
        steps.add(new Step.WorkingDirectory(process.cwd(), true));
        ProcessSpec.User user = process.user();
        if (user.umask() != null) {
            steps.add(new Step.Umask(user.umask()));
        }
        Optional<Step> load = filter.map(program -> new Step.Seccomp(program, 0));
        if (!process.noNewPrivileges()) {
            load.ifPresent(steps::add); // the kernel demands CAP_SYS_ADMIN for it, which the next steps take away
        }
        steps.add(new Step.Identity(user.uid(), user.gid(), user.additionalGids()));
        addCapabilities(steps, process.capabilities());
        if (process.noNewPrivileges()) {
            steps.add(new Step.NoNewPrivileges());
            load.ifPresent(steps::add);
        }
        addLabels(steps, process);
        steps.add(new Step.Execute(candidates(process), process.args(), process.env()));
    }

    private static void addCapabilities(List<Step> steps, ProcessSpec.@Nullable Capabilities sets) {
        if (sets == null) {
            return;
        }
        steps.add(new Step.Capabilities(
                Capability.bits("process.capabilities.bounding", sets.bounding()),
                Capability.bits("process.capabilities.effective", sets.effective()),
                Capability.bits("process.capabilities.permitted", sets.permitted()),
                Capability.bits("process.capabilities.inheritable", sets.inheritable()),
                Capability.bits("process.capabilities.ambient", sets.ambient())));
    }

    private static void addLabels(List<Step> steps, ProcessSpec process) {
        if (process.apparmorProfile() != null) {
            steps.add(new Step.SecurityLabel("apparmor", process.apparmorProfile()));
        }
        if (process.selinuxLabel() != null) {
            steps.add(new Step.SecurityLabel("selinux", process.selinuxLabel()));
        }
    }

    private static void addScheduling(List<Step> steps, ProcessSpec process) {
        ProcessSpec.Scheduler scheduler = process.scheduler();
        if (scheduler != null) {
            int policy = POLICIES.indexOf(scheduler.policy());
            if (policy < 0 || !scheduler.flags().isEmpty()) {
                throw new SpecException("process.scheduler", "policy or flags are unknown");
            }
            steps.add(new Step.Scheduler(
                    policy,
                    scheduler.nice() == null ? 0 : scheduler.nice(),
                    scheduler.priority() == null ? 0 : scheduler.priority(),
                    0,
                    scheduler.runtime() == null ? 0 : scheduler.runtime(),
                    scheduler.deadline() == null ? 0 : scheduler.deadline(),
                    scheduler.period() == null ? 0 : scheduler.period()));
        }
        ProcessSpec.IoPriority priority = process.ioPriority();
        if (priority != null) {
            int ioClass = IO_CLASSES.indexOf(priority.type());
            if (ioClass < 1) {
                throw new SpecException("process.ioPriority.class", "\"" + priority.type() + "\" is unknown");
            }
            steps.add(new Step.IoPriority(ioClass, priority.priority()));
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
