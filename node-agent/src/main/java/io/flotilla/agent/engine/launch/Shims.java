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
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Starts and finds shims. One per agent: it holds the shim's program in sealed memory, from which all shims run, so that
 * nothing inside a container can ever write to it (the class of CVE-2019-5736).
 */
public final class Shims implements AutoCloseable {

    static final String SOCKET_NAME = "shim.sock";
    private static final String PROGRAM = "flotilla-shim";

    private final Poller poller;
    private final Fd program;
    private final Fd nothing;
    /** Shims that are this process's children; a later agent's are not. */
    private final Set<Fd> watched = ConcurrentHashMap.newKeySet();

    private Shims(Poller poller, Fd program, Fd nothing) {
        this.poller = poller;
        this.program = program;
        this.nothing = nothing;
    }

    public static Shims open() throws IOException {
        try (InputStream resource = Shims.class.getResourceAsStream(PROGRAM)) {
            if (resource == null) {
                throw new IOException("the shim's program is not in this agent's jar");
            }
            Fd program = Descriptors.sealedExecutable(PROGRAM, resource.readAllBytes());
            Fd nothing = Descriptors.open("/dev/null", Descriptors.O_RDWR, 0);
            return new Shims(new Poller("shims"), program, nothing);
        }
    }

    /** A path by which the sealed program can be read. */
    String programPath() {
        return program.path();
    }

    /**
     * Starts a shim, which clones the container's process and leaves it waiting. Steps that the shim takes before that
     * process may go on (namespaces, id maps, cgroups) fail here with {@link LaunchException}.
     */
    public Shim spawn(ShimRequest request) throws IOException {
        List<Fd> pair = UnixSockets.pair();
        try (Fd theirs = pair.get(1);
                Fd plan = Descriptors.memory(
                        "launch plan", request.plan().encode().array());
                Fd runtime = directory(request.runtimeDirectory());
                Fd logs = request.logDirectory().isPresent()
                        ? directory(request.logDirectory().get())
                        : Descriptors.duplicate(nothing, 0)) {
            List<Fd> descriptors = List.of(nothing, nothing, nothing, plan, theirs, runtime, logs);
            int pid = Processes.spawn(program.path(), List.of(PROGRAM), List.of(), descriptors);
            reapWhenEnded(pid);
        } catch (IOException e) {
            pair.get(0).close();
            throw e;
        }
        return greet(new UnixChannel(poller, pair.get(0), Wire.LARGEST_MESSAGE), request);
    }

    /**
     * Starts a shim that leaves once its process is ready. Namespaces, id maps and groups are made here; the rest is
     * {@link HandedOver#proceed}.
     */
    public HandedOver handOver(HandOverRequest request) throws IOException {
        List<Fd> pair = UnixSockets.pair();
        List<Fd> own = new ArrayList<>();
        int pid;
        try (Fd theirs = pair.get(1);
                Fd plan = Descriptors.memory(
                        "launch plan", request.plan().encode().array());
                Fd runtime = directory(request.stateDirectory())) {
            for (int number = 0; number < 3; number++) {
                own.add(Descriptors.inherited(number));
            }
            List<Fd> descriptors = new ArrayList<>(own);
            descriptors.addAll(List.of(plan, theirs, runtime));
            descriptors.add(request.entered().orElse(nothing));
            descriptors.add(request.console().orElse(nothing));
            descriptors.addAll(request.kept());
            pid = Processes.spawn(program.path(), List.of(PROGRAM), List.of(), descriptors);
        } catch (IOException e) {
            pair.get(0).close();
            throw e;
        } finally {
            own.forEach(Fd::close);
        }
        UnixChannel channel = new UnixChannel(poller, pair.get(0), Wire.LARGEST_MESSAGE);
        return HandedOver.greet(channel, pid, request.plan().steps());
    }

    private static Fd directory(Path path) throws KernelException {
        return Descriptors.open(path.toString(), Descriptors.O_RDONLY | Descriptors.O_DIRECTORY, 0);
    }

    private void reapWhenEnded(int pid) throws KernelException {
        Fd pidfd = Processes.pidfd(pid);
        watched.add(pidfd);
        List<Poller.Registration> registration = new ArrayList<>(1);
        synchronized (registration) {
            registration.add(poller.watch(pidfd, (readable, writable) -> {
                synchronized (registration) {
                    Processes.reap(pid);
                    registration.getFirst().close();
                    pidfd.close();
                    watched.remove(pidfd);
                }
            }));
        }
    }

    private Shim greet(UnixChannel channel, ShimRequest request) throws IOException {
        try {
            ByteBuffer state = channel.receive().data();
            int type = state.hasRemaining() ? state.getInt() : 0;
            if (type == Wire.FAILED) {
                state.getInt();
                throw Wire.failure(state, request.plan().steps());
            }
            checkVersion(type, state);
            ShimRecord record = ShimRecord.read(request.runtimeDirectory())
                    .orElseThrow(() -> new IOException("the shim wrote no record"));
            Fd pidfd = pidfd(record);
            Shim shim = new Shim(
                    poller, request.runtimeDirectory(), record, request.plan().steps(), channel, pidfd);
            shim.listen();
            return shim;
        } catch (IOException e) {
            channel.close();
            throw e;
        } catch (InterruptedException e) {
            channel.close();
            throw Shim.interrupted();
        }
    }

    static void checkVersion(int type, ByteBuffer state) throws IOException {
        if (type != Wire.STATE) {
            throw new ShimLostException("the shim ended before it said anything");
        }
        int version = state.getInt();
        if (version != Wire.PROTOCOL_VERSION) {
            throw new IOException(
                    "the shim speaks protocol version " + version + ", this agent " + Wire.PROTOCOL_VERSION);
        }
    }

    /** Opens the process first and compares its start time then: the pid cannot be reused in between. */
    private static @Nullable Fd pidfd(ShimRecord record) throws IOException {
        Fd pidfd;
        try {
            pidfd = Processes.pidfd(record.pid());
        } catch (KernelException e) {
            if (e.errno() == Errno.ESRCH) {
                return null;
            }
            throw e;
        }
        if (Processes.startTime(record.pid()).orElse(-1) != record.startTime()) {
            pidfd.close();
            return null;
        }
        return pidfd;
    }

    /** Connects to the shim of an earlier agent, or says what became of its container. */
    public Adoption adopt(Path runtimeDirectory) throws IOException {
        Optional<ShimRecord> found = ShimRecord.read(runtimeDirectory);
        if (found.isEmpty()) {
            return new Adoption.Nothing();
        }
        ShimRecord record = found.get();
        if (!record.bootId().equals(Processes.bootId())) {
            return ended(runtimeDirectory, record);
        }
        Fd socket;
        try {
            socket = UnixSockets.connect(runtimeDirectory.resolve(SOCKET_NAME).toString());
        } catch (KernelException e) {
            if (e.errno() == Errno.ECONNREFUSED || e.errno() == Errno.ENOENT) {
                return ended(runtimeDirectory, record);
            }
            throw e;
        }
        UnixChannel channel = new UnixChannel(poller, socket, Wire.LARGEST_MESSAGE);
        try {
            ByteBuffer state = channel.receive().data();
            if (!state.hasRemaining()) {
                channel.close();
                return ended(runtimeDirectory, record);
            }
            checkVersion(state.getInt(), state);
        } catch (IOException e) {
            channel.close();
            throw e;
        } catch (InterruptedException e) {
            channel.close();
            throw Shim.interrupted();
        }
        Shim shim = new Shim(poller, runtimeDirectory, record, List.of(), channel, pidfd(record));
        shim.listen();
        return new Adoption.Adopted(shim);
    }

    private static Adoption ended(Path runtimeDirectory, ShimRecord record) throws IOException {
        Optional<Exit> exit = ShimRecord.readExit(runtimeDirectory);
        if (exit.isPresent()) {
            return new Adoption.Ended(record, exit.get());
        }
        boolean sameBoot = record.bootId().equals(Processes.bootId());
        boolean running = sameBoot && Processes.startTime(record.pid()).orElse(-1) == record.startTime();
        return new Adoption.Lost(record, running);
    }

    /** Closes the program and the poller; shims and their containers live on. Close every {@link Shim} before. */
    @Override
    public void close() throws KernelException {
        poller.close();
        watched.forEach(Fd::close);
        program.close();
        nothing.close();
    }
}
