package io.flotilla.agent.network;

import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.NetlinkSocket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The containers' network on this node: a bridge with a subnet of its own, an nftables table, a veth pair for each
 * container. Made or adopted by {@link #open}, left running by {@link #close}, removed by {@link #purge}. Every method
 * may be called from any thread, blocks, and can be repeated.
 *
 * <p>All of it lives in the network namespace of the thread that opens it. One platform thread does the work, since
 * entering a container's namespace is a thread's own affair; a second one does what nobody needs to wait for.
 */
public final class NodeNetwork implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(NodeNetwork.class.getName());
    private static final long PATIENCE_SECONDS = 30;

    private final ExecutorService worker;
    private final ExecutorService background;
    private final Wiring wiring;
    private final Links backgroundLinks;

    private NodeNetwork(ExecutorService worker, ExecutorService background, Wiring wiring, Links backgroundLinks) {
        this.worker = worker;
        this.background = background;
        this.wiring = wiring;
        this.backgroundLinks = backgroundLinks;
    }

    /**
     * Makes the network or takes over what an earlier agent left, repairing what is missing or half-done.
     *
     * @throws NetworkException if the host lacks something or has no room for another subnet
     */
    public static NodeNetwork open(NetworkConfig config) throws IOException {
        var worker = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("network").factory());
        var background = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("network-background").factory());
        try {
            Wiring wiring = await(worker, () -> new Wiring(config));
            Links links = await(background, () -> new Links(NetlinkSocket.open(NetlinkSocket.ROUTE)));
            var network = new NodeNetwork(worker, background, wiring, links);
            network.later("update names", wiring::updateNames);
            return network;
        } catch (IOException | RuntimeException e) {
            worker.shutdown();
            background.shutdown();
            throw e;
        }
    }

    /**
     * Where a container's name files are to be, also before it is attached: who mounts them makes them first, and removes
     * their directory. {@link #attach} fills them; from then on to {@link #detach} they follow peers and resolvers.
     */
    public NameFiles nameFiles(String containerId) {
        return wiring.nameFiles(containerId);
    }

    /**
     * Gives a container its address, routes, names and published ports. A container that is attached already, in the same
     * namespace, keeps what it has; in another namespace it is attached anew.
     *
     * @throws PortTakenException if somebody has a fixed host port; nothing is left behind then, as with any failure
     */
    public Attachment attach(AttachRequest request) throws IOException {
        Attachment attachment = await(worker, () -> wiring.attach(request));
        later("update names", wiring::updateNames);
        return attachment;
    }

    /** Brings up loopback in the namespace of a container that has no other network. */
    public void bringUpLoopback(Fd namespace) throws IOException {
        await(worker, () -> {
            try (var inside = new Links(NetlinkSocket.openInside(namespace, NetlinkSocket.ROUTE))) {
                inside.bringUpLoopback();
            }
            return namespace;
        });
    }

    /** Withdraws ports, names and address; the link disappears some milliseconds later. Unknown containers are ignored. */
    public void detach(String containerId) throws IOException {
        Optional<Attachment> detached = await(worker, () -> wiring.detach(containerId));
        detached.ifPresent(attachment -> {
            later("remove link", () -> {
                backgroundLinks.delete(wiring.linkName(attachment));
                worker.execute(() -> wiring.free(attachment));
            });
            later("update names", wiring::updateNames);
        });
    }

    /** All attachments by container id. */
    public Map<String, Attachment> attached() {
        return wiring.attached();
    }

    /** Detaches all containers but these. */
    public void prune(Set<String> alive) throws IOException {
        for (String containerId : attached().keySet()) {
            if (!alive.contains(containerId)) {
                detach(containerId);
            }
        }
    }

    /** A container's traffic; empty if it is not attached or its namespace is gone. */
    public Optional<NetworkStats> stats(String containerId) throws IOException {
        return await(worker, () -> wiring.stats(containerId));
    }

    /**
     * Looks whether the host is still as the containers need it, and repairs: a flushed ruleset, a Docker daemon that
     * came meanwhile, forwarding turned off, other resolvers. Takes milliseconds; to be called every ten seconds or so.
     */
    public void refresh() throws IOException {
        await(worker, () -> {
            wiring.refresh();
            return wiring;
        });
        later("update names", wiring::updateNames);
    }

    /** Removes everything that the network made on this host, attachments included. */
    public void purge() throws IOException {
        drain(background);
        await(worker, () -> {
            wiring.purge();
            return wiring;
        });
        close();
    }

    /** Leaves containers connected; the next {@link #open} takes over. */
    @Override
    public void close() throws IOException {
        drain(background);
        if (!worker.isShutdown()) {
            await(worker, () -> {
                wiring.close();
                backgroundLinks.close();
                return wiring;
            });
            drain(worker);
        }
    }

    private void later(String what, Task task) {
        background.execute(() -> {
            try {
                task.run();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "network: could not " + what, e);
            }
        });
    }

    /** Work without a result. */
    private interface Task {
        void run() throws IOException;
    }

    private static void drain(ExecutorService executor) throws InterruptedIOException {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "network: gave up waiting for a thread to finish");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while closing the network");
        }
    }

    private static <T> T await(ExecutorService executor, Callable<T> call) throws IOException {
        try {
            return executor.submit(call).get();
        } catch (ExecutionException e) {
            throw rethrown(Objects.requireNonNull(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the network");
        }
    }

    private static IOException rethrown(Throwable cause) throws IOException {
        switch (cause) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(cause);
        }
    }
}
