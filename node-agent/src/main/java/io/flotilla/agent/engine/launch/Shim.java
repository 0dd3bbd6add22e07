package io.flotilla.agent.engine.launch;

import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.Poller;
import io.flotilla.agent.kernel.Processes;
import io.flotilla.agent.kernel.UnixChannel;
import io.flotilla.agent.kernel.UnixSockets;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one container's shim. Closing it, or this JVM's end, leaves shim and container alone. Thread-safe.
 *
 * <pre>
 * spawn → proceed → start → (the container runs) → exit() completes → release → the shim leaves
 * </pre>
 */
public final class Shim implements AutoCloseable {

    private final Poller poller;
    private final Path runtimeDirectory;
    private final ShimRecord record;
    private final List<Step> steps;
    private final UnixChannel control;
    private final @Nullable Fd pidfd;
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    private final CompletableFuture<Void> disconnected = new CompletableFuture<>();
    private final Object requests = new Object();
    private volatile CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);

    Shim(
            Poller poller,
            Path runtimeDirectory,
            ShimRecord record,
            List<Step> steps,
            UnixChannel control,
            @Nullable Fd pidfd) {
        this.poller = poller;
        this.runtimeDirectory = runtimeDirectory;
        this.record = record;
        this.steps = steps;
        this.control = control;
        this.pidfd = pidfd;
    }

    void listen() {
        Thread.ofVirtual().name("shim " + record.shimPid()).start(this::listenToEnd);
    }

    private void listenToEnd() {
        try {
            while (true) {
                UnixSockets.Packet packet = control.receive();
                if (packet.isEnd()) {
                    break;
                }
                handle(packet.data());
            }
        } catch (IOException | InterruptedException e) {
            answer.completeExceptionally(e);
        }
        ended();
    }

    private void handle(ByteBuffer message) {
        int type = message.getInt();
        switch (type) {
            case Wire.DONE -> answer.complete(null);
            case Wire.FAILED -> {
                message.getInt();
                answer.completeExceptionally(Wire.failure(message, steps));
            }
            case Wire.EXIT -> exit.complete(Wire.exit(message));
            default -> {
                // A newer shim may say more than this agent understands.
            }
        }
    }

    private void ended() {
        disconnected.complete(null);
        ShimLostException lost =
                new ShimLostException("the shim of " + runtimeDirectory.getFileName() + " has closed the connection");
        answer.completeExceptionally(lost);
        try {
            Optional<Exit> written = ShimRecord.readExit(runtimeDirectory);
            if (written.isPresent()) {
                exit.complete(written.get());
                return;
            }
        } catch (IOException e) {
            lost.addSuppressed(e);
        }
        exit.completeExceptionally(lost);
    }

    /** Which processes these are. {@code /proc/<pid>/ns/net} is there from the spawn on. */
    public ShimRecord record() {
        return record;
    }

    /** Has the container's process carry out its plan up to the exec; it then waits for {@link #start}. */
    public void proceed() throws IOException {
        request(Wire.request(Wire.PROCEED));
    }

    /** Has the container's process execute its program. Returns when it has. */
    public void start() throws IOException {
        request(Wire.request(Wire.START));
    }

    /**
     * How the container ended, once it has and all its output is in the log. Completes with {@link ShimLostException} when
     * the connection ended before that and there is no exit record.
     */
    public CompletableFuture<Exit> exit() {
        return exit.copy();
    }

    /** Sends a signal to the container's first process; false when it has ended already. */
    public boolean signal(int signal) throws KernelException {
        return pidfd != null && Processes.signal(pidfd, signal);
    }

    /** Attaches to the container's streams from now on. Before {@link #start} nothing is missed. */
    public Session attach(AttachOptions options) throws IOException {
        UnixChannel channel = connect();
        try {
            channel.send(Wire.request(Wire.ATTACH, options.flags()), List.of());
            awaitAnswer(channel, Wire.ATTACH, List.of());
            return new Session(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        } catch (InterruptedException e) {
            channel.close();
            throw interrupted();
        }
    }

    /** Runs a further process in the container; returns when it has executed its program. */
    public Session exec(LaunchPlan plan, AttachOptions options) throws IOException {
        if (plan.kind() != LaunchPlan.Kind.EXEC) {
            throw new IllegalArgumentException("an exec needs a plan of its kind");
        }
        UnixChannel channel = connect();
        try (Fd memory = Descriptors.memory("exec plan", plan.encode().array())) {
            channel.send(Wire.request(Wire.EXEC, options.flags()), List.of(memory));
            awaitAnswer(channel, Wire.EXEC, plan.steps());
            return new Session(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        } catch (InterruptedException e) {
            channel.close();
            throw interrupted();
        }
    }

    private UnixChannel connect() throws IOException {
        String path = runtimeDirectory.resolve(Shims.SOCKET_NAME).toString();
        try {
            return new UnixChannel(poller, UnixSockets.connect(path), Wire.LARGEST_MESSAGE);
        } catch (KernelException e) {
            throw e.errno() == Errno.ECONNREFUSED
                    ? new ShimLostException("the shim of " + runtimeDirectory.getFileName()
                            + " was killed: the container runs on, but nobody can attach to it or run anything in it"
                            + " before a restart")
                    : e;
        }
    }

    private void awaitAnswer(UnixChannel channel, int request, List<Step> plan)
            throws IOException, InterruptedException {
        while (true) {
            UnixSockets.Packet packet = channel.receive();
            if (packet.isEnd()) {
                throw new ShimLostException(
                        "the shim of " + runtimeDirectory.getFileName() + " has closed the connection");
            }
            ByteBuffer data = packet.data();
            int type = data.getInt();
            if ((type == Wire.DONE || type == Wire.FAILED) && data.getInt() == request) {
                if (type == Wire.FAILED) {
                    throw Wire.failure(data, plan);
                }
                return;
            }
        }
    }

    /**
     * Tells the shim that the exit is stored durably, and waits until it has removed its socket and left. The caller then
     * removes the runtime directory. EBUSY while the container runs.
     */
    public void release() throws IOException {
        request(Wire.request(Wire.RELEASE));
        try {
            disconnected.get();
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private void request(byte[] message) throws IOException {
        synchronized (requests) {
            CompletableFuture<Void> mine = new CompletableFuture<>();
            answer = mine;
            try {
                control.send(message, List.of());
                mine.get();
            } catch (ExecutionException e) {
                throw failure(e.getCause());
            } catch (KernelException e) {
                throw e.errno() == Errno.EPIPE ? new ShimLostException("the shim is gone") : e;
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
    }

    private static IOException failure(@Nullable Throwable cause) {
        return switch (cause) {
            case LaunchException launch -> launch;
            case ShimLostException lost -> lost;
            case null, default -> new IOException("talking to the shim failed", cause);
        };
    }

    static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting for the shim");
    }

    /** Disconnects. The shim and its container live on and can be adopted again. */
    @Override
    public void close() {
        control.close();
        if (pidfd != null) {
            pidfd.close();
        }
    }
}
