package io.flotilla.agent.ocicli;

import io.flotilla.agent.engine.BundleLaunch;
import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.UnixSockets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a command's options give to the process that it starts. */
final class Streams implements AutoCloseable {

    /** The options of every command that starts a process. */
    static final String[] OPTIONS = {
        "console-socket=", "pid-file=", "preserve-fds=", "no-new-keyring", "detach,d", "bundle,b=", "no-pivot", "keep"
    };

    private final @Nullable Fd console;
    private final List<Fd> kept = new ArrayList<>();
    private final boolean newKeyring;

    private Streams(@Nullable Fd console, boolean newKeyring) {
        this.console = console;
        this.newKeyring = newKeyring;
    }

    /** For a process that runs on when this command has ended. */
    static Streams detached(Options options, boolean terminal) throws Refused, KernelException {
        String socket = options.value("console-socket");
        if (terminal && socket == null) {
            throw new Refused("cannot allocate tty if the command detaches without --console-socket");
        }
        if (!terminal && socket != null) {
            throw new Refused("cannot use --console-socket: process.terminal is not set");
        }
        return kept(options, socket == null ? null : UnixSockets.connectStream(absolute(socket)));
    }

    /** For one that this command waits for; {@code console} is sent its terminal. */
    static Streams attached(Options options, @Nullable Fd console) throws Refused, KernelException {
        if (options.value("console-socket") != null) {
            throw new Refused("cannot use --console-socket without --detach");
        }
        return kept(options, console);
    }

    private static Streams kept(Options options, @Nullable Fd console) throws Refused, KernelException {
        Streams streams = new Streams(console, !options.has("no-new-keyring"));
        int count = options.value("preserve-fds") == null ? 0 : options.count("preserve-fds");
        for (int i = 0; i < count; i++) {
            streams.kept.add(Descriptors.inherited(3 + i));
        }
        return streams;
    }

    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().toString();
    }

    BundleLaunch.Streams forLaunch() {
        return new BundleLaunch.Streams(Optional.ofNullable(console), kept, newKeyring);
    }

    @Override
    public void close() {
        if (console != null) {
            console.close();
        }
        kept.forEach(Fd::close);
    }
}
