package io.flotilla.agent.ocicli;

import io.flotilla.agent.cgroup.Cgroup;
import io.flotilla.agent.cgroup.CgroupLayout;
import io.flotilla.agent.cgroup.Cgroups;
import io.flotilla.agent.engine.BundleLaunch;
import io.flotilla.agent.engine.launch.HandedOver;
import io.flotilla.agent.engine.launch.LaunchException;
import io.flotilla.agent.engine.launch.LaunchPlan;
import io.flotilla.agent.kernel.ProcessStat;
import io.flotilla.agent.oci.SpecException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Makes a container whose process waits for its start: all of {@code create}, the first half of {@code run}. What is made is
 * unmade in reverse when something fails.
 */
final class Creation {

    private static final Duration KILL_DEADLINE = Duration.ofSeconds(10);

    private final Context context;
    private final String id;
    private final Bundle bundle;
    private final CgroupLayout layout = CgroupLayout.detect();
    private final Cgroup group;

    Creation(Context context, String id, Bundle bundle) {
        this.context = context;
        this.id = id;
        this.bundle = bundle;
        this.group = Cgroups.at(layout, bundle.cgroup(id));
    }

    /** @param pidFile gets the process id; null for none */
    ContainerState run(Streams streams, @Nullable Path pidFile) throws IOException {
        Path directory = context.states().make(id);
        boolean owned = false;
        try (BundleLaunch launch = BundleLaunch.open()) {
            LaunchPlan plan = launch.plan(bundle.launch(id), group);
            bundle.warnings().forEach(context.log()::warning);
            refuseForeignGroup();
            ContainerState state = state();
            context.states().save(state);
            States.replace(directory.resolve(States.CONFIG), Json.write(bundle.tree(), false));
            owned = true;
            Cgroups.make(layout, bundle.cgroup(id), bundle.spec().requireLinux().limits());
            state = start(launch, plan, directory, streams, state);
            if (pidFile != null) {
                States.replace(pidFile.toAbsolutePath(), String.valueOf(state.pid()));
            }
            return state;
        } catch (LaunchException e) {
            IOException words =
                    Words.of(e, bundle.spec().requireProcess().args().getFirst());
            undo(owned, words);
            throw words;
        } catch (IOException | RuntimeException e) {
            undo(owned, e);
            throw e;
        }
    }

    /** What is in the container's group ends with the container, and with a failure to make it. */
    private void refuseForeignGroup() {
        if (group.populated()) {
            throw new SpecException(
                    "linux.cgroupsPath",
                    "processes are in \"" + bundle.cgroup(id) + "\" already: " + group.processes());
        }
    }

    private ContainerState state() throws IOException {
        return new ContainerState(
                bundle.spec().ociVersion(),
                id,
                0,
                0,
                ProcessStat.bootId(),
                bundle.directory().toString(),
                bundle.rootfs().toString(),
                bundle.cgroup(id),
                Instant.now().toString(),
                Json.child(bundle.tree(), "annotations"));
    }

    private ContainerState start(
            BundleLaunch launch, LaunchPlan plan, Path directory, Streams streams, ContainerState bare)
            throws IOException {
        try (HandedOver process = launch.create(plan, directory, streams.forLaunch())) {
            ContainerState state = bare.withProcess(process.pid(), process.startTime());
            context.states().save(state);
            BundleLaunch.prepare(bundle.launch(id), process);
            return state;
        }
    }

    private void undo(boolean owned, Exception cause) {
        try {
            if (owned) {
                group.remove(KILL_DEADLINE);
            }
            context.states().remove(id);
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e); // delete --force finds what is left
        }
    }
}
