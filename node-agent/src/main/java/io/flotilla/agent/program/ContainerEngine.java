package io.flotilla.agent.program;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.engine.ContainerRequest;
import io.flotilla.agent.engine.ContainerView;
import io.flotilla.agent.engine.Containers;
import io.flotilla.agent.engine.StartException;
import io.flotilla.agent.engine.launch.AttachOptions;
import io.flotilla.agent.engine.launch.LaunchException;
import io.flotilla.agent.engine.launch.Session;
import io.flotilla.agent.image.HeldImage;
import io.flotilla.agent.image.Images;
import io.flotilla.agent.link.RefusedException;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.agent.plan.Exit;
import io.flotilla.agent.plan.ObservedContainer;
import io.flotilla.agent.reconcile.FailedStepException;
import io.flotilla.agent.report.Journal;
import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.ControlMessage.Target;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.NodeSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The engine and the image store, as the reconciler and the control plane's streams need them. */
final class ContainerEngine implements Engine {

    private static final Set<Integer> PROGRAM_CODES = Set.of(126, 127);

    private final AgentPaths paths;
    private final Containers containers;
    private final Images images;
    private final Journal journal;
    private final Pulls pulls;
    private final ContainerLoad load = new ContainerLoad();

    ContainerEngine(
            AgentPaths paths,
            Containers containers,
            Images images,
            Journal journal,
            Pulls.Ways registries,
            Consumer<AgentMessage.Pulling> pulling) {
        this.paths = paths;
        this.containers = containers;
        this.images = images;
        this.journal = journal;
        this.pulls = new Pulls(images, registries, pulling);
    }

    @Override
    public List<ObservedContainer> containers() {
        return containers.list().stream().map(ContainerEngine::observed).toList();
    }

    private static ObservedContainer observed(ContainerView view) {
        var exit = view.exit();
        return new ObservedContainer(
                view.id(),
                view.startedAt(),
                view.ports(),
                view.address(),
                exit == null ? null : new Exit(exit.code(), exit.oomKilled(), exit.ended(), exit.ran()));
    }

    @Override
    public Set<Digest> present(Set<Digest> wanted) {
        return wanted.stream().filter(images::has).collect(Collectors.toSet());
    }

    @Override
    public void pull(UUID allocationId, ImageName image, Digest digest)
            throws FailedStepException, InterruptedException {
        pulls.pull(allocationId, image, digest);
    }

    @Override
    public Started start(ContainerId container, AllocationSpec spec) throws FailedStepException {
        try {
            Optional<HeldImage> found = images.hold(spec.digest());
            if (found.isEmpty()) {
                throw new FailedStepException(
                        "image " + spec.image() + " is no longer on this node", null, false, null);
            }
            // Kept until the container's snapshot keeps it.
            try (HeldImage held = found.get()) {
                ContainerView view = containers.start(new ContainerRequest(container, spec, held.image()));
                return new Started(view.ports(), view.address());
            }
        } catch (StartException e) {
            Integer code = PROGRAM_CODES.contains(e.exitCode()) ? e.exitCode() : null;
            throw new FailedStepException(String.valueOf(e.getMessage()), code, e.lasting(), e);
        } catch (IOException e) {
            throw new FailedStepException("image " + spec.image() + ": " + e.getMessage(), null, false, e);
        }
    }

    @Override
    public void stop(ContainerId container, Duration grace) throws IOException, InterruptedException {
        containers.stop(container, grace);
    }

    @Override
    public void discard(ContainerId container) throws IOException, InterruptedException {
        containers.remove(container);
        load.forget(container);
    }

    @Override
    public void remove(UUID allocationId) throws IOException {
        containers.removeAllocation(allocationId);
        Trees.remove(paths.logs(allocationId.toString()));
        images.keepLimit();
    }

    @Override
    public Serving open(Target target) throws RefusedException {
        try {
            return switch (target) {
                case Target.Exec exec ->
                    new ProcessStream(
                            containers.exec(running(exec.allocationId()).id(), exec.exec()));
                case Target.Attach attach -> new ProcessStream(attach(attach.allocationId()));
                case Target.Logs logs -> logs(logs);
                case Target.Images asked -> new AnswerStream(images.carryOut(asked.request()));
                case Target.Applied applied ->
                    new AnswerStream(
                            containers.applied(running(applied.allocationId()).id()));
            };
        } catch (LaunchException e) {
            Integer code = PROGRAM_CODES.contains(e.exitCode()) ? e.exitCode() : null;
            throw new RefusedException(String.valueOf(e.getMessage()), code);
        } catch (IOException | IllegalArgumentException e) {
            throw new RefusedException(String.valueOf(e.getMessage()), null);
        }
    }

    private Session attach(UUID allocationId) throws RefusedException, IOException {
        AttachOptions options = options(allocationId);
        Optional<Session> first = containers.firstSession(allocationId, options);
        return first.isPresent()
                ? first.get()
                : containers.attach(running(allocationId).id(), options);
    }

    /** Who leaves a terminal does not hang up the shell behind it; the end of a pipe is the end of the input. */
    private AttachOptions options(UUID allocationId) {
        boolean tty = journal.state(allocationId)
                .map(state -> state.spec())
                .map(AllocationSpec::tty)
                .orElse(false);
        return new AttachOptions(!tty, true);
    }

    private ContainerView running(UUID allocationId) throws RefusedException {
        return containers.list().stream()
                .filter(view -> view.id().allocationId().equals(allocationId))
                .filter(view -> view.startedAt() != null && view.exit() == null)
                .max(Comparator.comparingInt(view -> view.id().attempt()))
                .orElseThrow(() -> new RefusedException("allocation " + allocationId + " does not run now", null));
    }

    private LogStream logs(Target.Logs target) throws RefusedException {
        UUID id = target.allocationId();
        Path directory = paths.logs(id.toString());
        if (!Files.isDirectory(directory) && journal.state(id).isEmpty()) {
            throw new RefusedException("allocation " + id + " has no logs on this node", null);
        }
        return new LogStream(
                directory,
                target.query(),
                () -> journal.state(id).map(state -> state.status().isFinal()).orElse(true));
    }

    @Override
    public List<NodeSample.Container> sample() {
        return load.read(containers);
    }
}
