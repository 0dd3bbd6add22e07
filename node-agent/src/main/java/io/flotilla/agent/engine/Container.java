package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.Shim;
import io.flotilla.agent.plan.ContainerId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One container in the agent's memory. Fields are written with the lock held and may be read without. */
final class Container {

    final ContainerId id;
    final Path directory;

    /** Held by start and remove, for their whole length; never while waiting for an end that a person asked for. */
    final ReentrantLock lock = new ReentrantLock();

    /** Completes when the container has ended, with what the listener was told. */
    final CompletableFuture<ContainerExit> exit = new CompletableFuture<>();

    private volatile ContainerStatus status = ContainerStatus.CREATING;
    private volatile @Nullable Manifest manifest;
    private volatile @Nullable Shim shim;
    private volatile @Nullable Integer pid;

    Container(ContainerId id, Path directory) {
        this.id = id;
        this.directory = directory;
    }

    ContainerStatus status() {
        return status;
    }

    /** Exits come from another thread and may be first: a state that may not follow is ignored. */
    synchronized boolean become(ContainerStatus next) {
        if (!status.permits(next)) {
            return false;
        }
        status = next;
        return true;
    }

    /** For an adopted container, whose earlier states another agent saw. */
    synchronized void found(ContainerStatus now) {
        status = now;
    }

    @Nullable
    Manifest manifest() {
        return manifest;
    }

    void manifest(Manifest now) {
        manifest = now;
    }

    @Nullable
    Shim shim() {
        return shim;
    }

    void shim(@Nullable Shim now, @Nullable Integer firstProcess) {
        shim = now;
        pid = firstProcess;
    }

    @Nullable
    Integer pid() {
        return pid;
    }

    boolean ended() {
        return status == ContainerStatus.STOPPED;
    }

    ContainerView view() {
        Manifest known = manifest;
        ContainerExit how = exit.getNow(null);
        // The exit is completed last: until then the container counts as running, so that a view is never half of each.
        ContainerStatus shown = status == ContainerStatus.STOPPED && how == null ? ContainerStatus.RUNNING : status;
        Instant startedAt = known == null ? null : known.startedAt();
        return new ContainerView(
                id,
                shown,
                how == null ? pid : null,
                startedAt,
                known == null ? java.util.List.of() : known.ports(),
                known == null ? null : known.address(),
                shown == ContainerStatus.STOPPED ? how : null);
    }
}
