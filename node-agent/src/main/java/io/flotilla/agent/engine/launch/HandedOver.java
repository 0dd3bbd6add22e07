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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that becomes somebody else's to wait for: that of the nearest subreaper above this JVM, or of this JVM if it is
 * one. Closing this before {@link #proceed} has returned ends the process.
 *
 * <pre>
 * handOver → (hooks) → proceed → the shim leaves → start, from any later process
 * </pre>
 */
public final class HandedOver implements AutoCloseable {

    /** In the state directory, for as long as the container waits for its start. */
    public static final String SOCKET = "start.sock";

    /** {@code struct note} of the shim's {@code note.h}: kind, value, step, operation, errno, subject. */
    private static final int NOTE_BYTES = 200;

    private static final int NOTE_START = 2;
    private static final int NOTE_ERRNO = 16;
    private static final int NOTE_SUBJECT = 20;

    private final UnixChannel shim;
    private final int shimPid;
    private final List<Step> steps;
    private final int pid;
    private final long startTime;
    private boolean shimEnded;
    private boolean atCheckpoint;

    private HandedOver(UnixChannel shim, int shimPid, List<Step> steps, int pid, long startTime) {
        this.shim = shim;
        this.shimPid = shimPid;
        this.steps = steps;
        this.pid = pid;
        this.startTime = startTime;
        this.atCheckpoint = steps.stream().anyMatch(Step.Checkpoint.class::isInstance);
    }

    static HandedOver greet(UnixChannel shim, int shimPid, List<Step> steps) throws IOException {
        try {
            ByteBuffer state = receive(shim).data();
            int type = state.hasRemaining() ? state.getInt() : 0;
            if (type == Wire.FAILED) {
                state.getInt();
                throw Wire.failure(state, steps);
            }
            Shims.checkVersion(type, state);
            state.getInt(); // the phase: waiting
            return new HandedOver(shim, shimPid, steps, state.getInt(), state.getLong());
        } catch (IOException e) {
            shim.close();
            Processes.await(shimPid, null);
            throw e;
        }
    }

    private static UnixSockets.Packet receive(UnixChannel channel) throws IOException {
        try {
            return channel.receive();
        } catch (InterruptedException e) {
            throw Shim.interrupted();
        }
    }

    /** The process, as this JVM's pid namespace numbers it. */
    public int pid() {
        return pid;
    }

    /** In clock ticks since boot. */
    public long startTime() {
        return startTime;
    }

    /**
     * Lets the process carry out its plan, up to its {@link Step.Checkpoint} if that is yet to come. Returns when a container waits
     * for its start, and an exec's program runs.
     */
    public void proceed() throws IOException {
        try {
            shim.send(Wire.request(Wire.PROCEED), List.of());
        } catch (InterruptedException e) {
            throw Shim.interrupted();
        }
        ByteBuffer answer = receive(shim).data();
        int type = answer.hasRemaining() ? answer.getInt() : 0;
        if (type == Wire.FAILED) {
            answer.getInt();
            throw Wire.failure(answer, steps);
        }
        if (type != Wire.DONE) {
            throw new ShimLostException("the shim ended before the process was ready");
        }
        if (atCheckpoint) {
            atCheckpoint = false;
            return;
        }
        // Only when it has ended is the process somebody else's child.
        awaitShim();
    }

    /** Whether there is nothing left to proceed to. */
    public boolean ready() {
        return shimEnded;
    }

    private void awaitShim() throws KernelException {
        if (!shimEnded) {
            shimEnded = true;
            Processes.await(shimPid, null);
        }
    }

    @Override
    public void close() throws KernelException {
        shim.close();
        awaitShim();
    }

    /**
     * Has a container that waits in this state directory execute its program; returns when it has.
     *
     * @throws KernelException ENOENT if nothing waits there, ECONNREFUSED if what waited has ended
     * @throws LaunchException if the program cannot be executed
     */
    public static void start(Path stateDirectory) throws IOException {
        Poller poller = new Poller("start");
        List<Fd> pair = UnixSockets.pair();
        try (UnixChannel answers = new UnixChannel(poller, pair.get(0), NOTE_BYTES)) {
            try (Fd theirs = pair.get(1);
                    Fd directory = Descriptors.open(
                            stateDirectory.toString(), Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0);
                    // By descriptor, since a socket's address has no room for a long path.
                    Fd word = UnixSockets.datagrams(directory.path() + "/" + SOCKET)) {
                byte[] note = ByteBuffer.allocate(NOTE_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(NOTE_START)
                        .array();
                if (!UnixSockets.send(word, note, List.of(theirs))) {
                    throw new KernelException("send the word to start to", stateDirectory.toString(), Errno.EAGAIN);
                }
            }
            ByteBuffer answer = receive(answers).data();
            if (answer.hasRemaining()) {
                throw failure(answer);
            }
        } finally {
            poller.close();
        }
    }

    private static LaunchException failure(ByteBuffer note) {
        Errno errno = Errno.of(note.getInt(NOTE_ERRNO));
        int end = NOTE_SUBJECT;
        while (end < note.limit() && note.get(end) != 0) {
            end++;
        }
        byte[] subject = new byte[end - NOTE_SUBJECT];
        note.get(NOTE_SUBJECT, subject);
        return new LaunchException(
                new String(subject, StandardCharsets.UTF_8) + ": " + errno + ": " + errno.text(),
                errno,
                LaunchException.NOT_EXECUTABLE);
    }
}
