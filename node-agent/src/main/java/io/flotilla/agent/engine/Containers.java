package io.flotilla.agent.engine;

import io.flotilla.agent.applied.Applied;
import io.flotilla.agent.cgroup.Cgroup;
import io.flotilla.agent.engine.launch.AttachOptions;
import io.flotilla.agent.engine.launch.Exit;
import io.flotilla.agent.engine.launch.LaunchException;
import io.flotilla.agent.engine.launch.Session;
import io.flotilla.agent.engine.launch.Shim;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.network.PortTakenException;
import io.flotilla.agent.oci.Signals;
import io.flotilla.agent.oci.SpecException;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.AppliedState;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ExecSpec;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The containers of this node. {@link #open} finds those that run already; {@link #close} leaves all of them running. Every
 * method may be called from any thread and can be repeated: starting what runs, stopping what has ended and removing what
 * is gone do nothing.
 *
 * <pre>
 * start → (runs) → exited → remove → ... next attempt ... → removeAllocation
 * </pre>
 */
public final class Containers implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Containers.class.getName());
    private static final Duration KILL_DEADLINE = Duration.ofSeconds(30);

    private final EngineParts parts;
    private final ContainerListener listener;
    private final Map<ContainerId, Container> containers = new ConcurrentHashMap<>();
    private final FirstSessions first = new FirstSessions();
    private volatile boolean closed;

    private Containers(EngineParts parts, ContainerListener listener) {
        this.parts = parts;
        this.listener = listener;
    }

    /**
     * Finds the containers of earlier agents, and clears away what a start or removal that was cut short has left. Ends
     * that nobody has seen are told to the listener.
     *
     * @throws IOException also if a container cannot be told to be running or not: it must not count as ended
     */
    public static Containers open(EngineParts parts, ContainerListener listener) throws IOException {
        Containers opened = new Containers(parts, listener);
        for (Adopter.Found found : new Adopter(parts).adopt()) {
            opened.containers.put(found.container().id, found.container());
            opened.watch(found);
        }
        opened.sweep();
        return opened;
    }

    private void watch(Adopter.Found found) {
        Container container = found.container();
        switch (found.end()) {
            case Adopter.End.Awaited(Shim shim) -> watch(container, shim);
            case Adopter.End.Known(Exit exit) -> told(container, exit);
            case Adopter.End.Unknown() -> ended(container, unknown());
            case Adopter.End.Orphan(int pid, long startTime) ->
                Thread.ofVirtual().name("orphan " + pid).start(() -> {
                    Orphans.await(pid, startTime);
                    ended(container, unknown());
                });
        }
    }

    /** Removes groups and attachments of containers that are no more. A group in which something runs is left alone. */
    private void sweep() throws IOException {
        new Names(parts).sweep(containers::containsKey);
        for (String name : parts.cgroups().list()) {
            boolean known =
                    ContainerId.parse(name).filter(containers::containsKey).isPresent();
            Optional<Cgroup> group = parts.cgroups().find(name);
            if (!known && group.isPresent()) {
                if (group.get().populated()) {
                    LOG.log(System.Logger.Level.WARNING, "unknown processes run in the control group " + name);
                } else {
                    group.get().remove(KILL_DEADLINE);
                }
            }
        }
        for (String attached : parts.network().attached().keySet()) {
            if (ContainerId.parse(attached).filter(containers::containsKey).isEmpty()) {
                parts.network().detach(attached);
            }
        }
    }

    /** Starts a container unless it is there already; returns when its program runs. */
    public ContainerView start(ContainerRequest request) throws StartException {
        return start(request, first.hook(request.spec()));
    }

    /** As above; the hook is called between the making of the container and the start of its program. */
    public ContainerView start(ContainerRequest request, StartHook hook) throws StartException {
        Container container = containers.computeIfAbsent(
                request.id(), id -> new Container(id, parts.paths().containerRuntime(id.toString())));
        container.lock.lock();
        try {
            if (container.status() != ContainerStatus.CREATING) {
                return container.view();
            }
            new Launch(parts, request, container, hook).run();
            watch(container, EngineParts.required(container.shim()));
            return container.view();
        } catch (IOException | RuntimeException e) {
            abandon(container, e);
            throw failure(e);
        } finally {
            container.lock.unlock();
        }
    }

    private void abandon(Container container, Exception cause) {
        first.drop(container.id.allocationId());
        try {
            new Removal(parts).run(container);
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e); // what is left is found again by the next remove or the next agent
        }
        containers.remove(container.id, container);
    }

    private static StartException failure(Exception e) {
        String sentence = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return switch (e) {
            case LaunchException launch -> {
                boolean program = launch.exitCode() != LaunchException.NOT_STARTED;
                yield new StartException(sentence, launch.exitCode(), program, e);
            }
            case SpecException wrong -> new StartException(sentence, LaunchException.NOT_STARTED, true, wrong);
            case PortTakenException taken -> new StartException(sentence, LaunchException.NOT_STARTED, false, taken);
            default -> new StartException(sentence, LaunchException.NOT_STARTED, false, e);
        };
    }

    private void watch(Container container, Shim shim) {
        Thread.ofVirtual().name("exit of " + container.id).start(() -> {
            Exit exit = shim.exit().exceptionally(lost -> null).join();
            if (exit != null) {
                told(container, exit);
            } else {
                lost(container, shim);
            }
        });
    }

    /** Without its shim the process cannot tell how it ends; whether it has ended can still be seen. */
    private void lost(Container container, Shim shim) {
        if (closed) {
            return;
        }
        Orphans.await(shim.record().pid(), shim.record().startTime());
        ended(container, unknown());
    }

    private void told(Container container, Exit exit) {
        boolean killed = exit.shellCode() == 128 + Signals.KILL;
        boolean oom = killed
                && parts.cgroups()
                        .find(container.id.toString())
                        .filter(g -> g.oomKills() > 0)
                        .isPresent();
        Duration ran =
                exit.started().equals(Instant.EPOCH) ? Duration.ZERO : Duration.between(exit.started(), exit.ended());
        ended(container, new ContainerExit(exit.shellCode(), oom, exit.ended(), ran));
    }

    private ContainerExit unknown() {
        return new ContainerExit(null, false, parts.clock().instant(), Duration.ZERO);
    }

    private void ended(Container container, ContainerExit exit) {
        container.found(ContainerStatus.STOPPED);
        if (container.exit.complete(exit)) {
            listener.exited(container.id, exit);
        }
    }

    /** Every container of this node that has not been removed. */
    public List<ContainerView> list() {
        return containers.values().stream()
                .filter(container -> container.manifest() != null)
                .map(Container::view)
                .toList();
    }

    public Optional<ContainerView> find(ContainerId id) {
        return Optional.ofNullable(containers.get(id)).map(Container::view);
    }

    /**
     * Sends the container's stop signal, and SIGKILL to all of it when the grace is over. Returns when it has ended.
     *
     * @param grace zero kills at once
     */
    public void stop(ContainerId id, Duration grace) throws IOException, InterruptedException {
        Container container = containers.get(id);
        if (container == null || container.ended()) {
            return;
        }
        if (container.status() == ContainerStatus.PAUSED) {
            resume(id);
        }
        Manifest manifest = container.manifest();
        Shim shim = container.shim();
        if (shim != null && manifest != null && !grace.isZero()) {
            shim.signal(manifest.stopSignal());
            if (awaitEnd(container, grace)) {
                return;
            }
        }
        killAndAwait(container);
    }

    private void killAndAwait(Container container) throws IOException, InterruptedException {
        parts.cgroups().find(container.id.toString()).ifPresent(Cgroup::killAll);
        Shim shim = container.shim();
        if (shim != null) {
            shim.signal(Signals.KILL);
        }
        if (!awaitEnd(container, KILL_DEADLINE)) {
            throw new IOException("container " + container.id + " does not end after SIGKILL");
        }
    }

    private static boolean awaitEnd(Container container, Duration deadline) throws InterruptedException {
        try {
            container.exit.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends a signal to the container's first process; false if it has ended. */
    public boolean kill(ContainerId id, int signal) throws KernelException {
        Container container = containers.get(id);
        Shim shim = container == null ? null : container.shim();
        return shim != null && shim.signal(signal);
    }

    /** Stops every process from running, without ending any. */
    public void pause(ContainerId id) throws IOException {
        Container container = running(id);
        group(id).freeze(KILL_DEADLINE);
        if (!container.become(ContainerStatus.PAUSED)) {
            group(id).thaw();
        }
    }

    public void resume(ContainerId id) throws IOException {
        Container container = running(id);
        group(id).thaw();
        container.become(ContainerStatus.RUNNING);
    }

    /** Removes what an attempt left, killing it if it runs: shim, network, control group, runtime directory. */
    public void remove(ContainerId id) throws IOException, InterruptedException {
        Container known = containers.get(id);
        Container container =
                known != null ? known : new Container(id, parts.paths().containerRuntime(id.toString()));
        container.lock.lock();
        try {
            if (known != null && known.status() != ContainerStatus.CREATING && !known.exit.isDone()) {
                killAndAwait(known);
            }
            new Removal(parts).run(container);
            containers.remove(id);
        } finally {
            container.lock.unlock();
        }
    }

    /** Removes an allocation's writable layer and gives its id range back; its containers must be gone. */
    public void removeAllocation(UUID allocation) throws IOException {
        if (containers.keySet().stream().anyMatch(id -> id.allocationId().equals(allocation))) {
            throw new IllegalStateException("allocation " + allocation + " still has a container");
        }
        parts.snapshots().remove(allocation.toString());
        parts.idRanges().release(allocation);
    }

    /**
     * Runs a further process in a running container.
     *
     * @throws LaunchException 126 or 127 if the program cannot be executed or found
     * @throws SpecException naming the field that is wrong
     */
    public Session exec(ContainerId id, ExecSpec exec) throws IOException {
        Container container = running(id);
        Shim shim = EngineParts.required(container.shim());
        return shim.exec(
                new ExecPlan(parts, container.directory, shim.record().pid()).make(exec, group(id)),
                AttachOptions.INTERACTIVE);
    }

    /**
     * The streams of an allocation that was started with a terminal or with its input open, from the very first byte on,
     * even if it has ended since. Empty if somebody has them already or the start is long ago.
     */
    public Optional<Session> firstSession(UUID allocation, AttachOptions options) {
        return first.take(allocation, options);
    }

    /** Attaches to the container's streams from now on. */
    public Session attach(ContainerId id, AttachOptions options) throws IOException {
        return EngineParts.required(running(id).shim()).attach(options);
    }

    public ContainerStats stats(ContainerId id) throws IOException {
        Container container = running(id);
        Manifest manifest = container.manifest();
        boolean bridged = manifest != null && manifest.network() == AllocationSpec.Network.BRIDGE;
        return new ContainerStats(group(id).stats(), bridged ? parts.network().stats(id.toString()) : Optional.empty());
    }

    /** What is in force for a running container, read from the kernel, beside what was asked. */
    public AppliedState applied(ContainerId id) throws IOException {
        Container container = running(id);
        Digest filter = EngineParts.required(container.manifest()).filter();
        return Applied.read(
                Manifest.readSpec(container.directory),
                filter == null ? null : filter.toString(),
                EngineParts.required(container.shim()).record().pid(),
                group(id),
                parts.layout(),
                parts.clock().instant());
    }

    private Container running(ContainerId id) throws NoSuchContainerException {
        Container container = containers.get(id);
        if (container == null) {
            throw new NoSuchContainerException(id, "is not on this node");
        }
        if (container.ended() || container.shim() == null) {
            throw new NoSuchContainerException(id, "does not run");
        }
        return container;
    }

    private Cgroup group(ContainerId id) throws NoSuchContainerException {
        return parts.cgroups()
                .find(id.toString())
                .orElseThrow(() -> new NoSuchContainerException(id, "has no control group"));
    }

    /** Lets go of the shims; every container runs on. */
    @Override
    public void close() {
        closed = true;
        first.close();
        for (Container container : containers.values()) {
            Shim shim = container.shim();
            if (shim != null) {
                shim.close();
            }
        }
    }
}
