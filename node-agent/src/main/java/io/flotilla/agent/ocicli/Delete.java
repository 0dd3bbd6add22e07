package io.flotilla.agent.ocicli;

import io.flotilla.agent.engine.BundleLaunch;
import io.flotilla.agent.oci.Signals;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** {@code delete}: removes a container that has ended or not begun, or with {@code --force} any. */
final class Delete implements Command {

    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final long PAUSE_NANOS = 1_000_000;

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Options options = Options.parse(arguments, "force,f");
        String id = options.id("delete");
        boolean force = options.has("force");
        if (!Files.exists(context.states().directory(id))) {
            if (force) {
                return 0;
            }
            throw Refused.noSuchContainer();
        }
        try (FileChannel lock = context.states().lock(id)) {
            assert lock.isOpen();
            delete(context, id, force);
        }
        return 0;
    }

    private static void delete(Context context, String id, boolean force) throws IOException {
        Target target;
        try {
            target = Target.of(context, id);
        } catch (Refused damaged) {
            if (!force) {
                throw damaged;
            }
            context.states().remove(id);
            return;
        }
        boolean ended = target.status() == Status.STOPPED;
        if (!ended && target.status() != Status.CREATED && !force) {
            throw new Refused("cannot delete container " + id + " that is not stopped: " + target.status());
        }
        if (!ended) {
            Kill.send(target, Signals.KILL);
            awaitEnd(context, target.state());
        }
        remove(context, target);
    }

    private static void awaitEnd(Context context, ContainerState state) throws IOException {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (context.states().status(state) != Status.STOPPED) {
            if (System.nanoTime() - end >= 0) {
                throw new Refused("container init still running " + DEADLINE.toSeconds() + " s after SIGKILL");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** What is left of a container that has ended: processes that it left behind, its group, its directory. */
    static void remove(Context context, Target target) throws IOException {
        Bundle bundle = bundle(context, target.state());
        target.group().remove(DEADLINE);
        context.states().remove(target.state().id());
        if (bundle != null) {
            try {
                BundleLaunch.removed(bundle.launch(target.state().id()));
            } catch (IOException e) {
                context.log().warning(String.valueOf(e.getMessage())); // it is gone all the same
            }
        }
    }

    /** Null where making the container was cut short before it was kept. */
    private static @Nullable Bundle bundle(Context context, ContainerState state) throws IOException {
        try {
            return Bundle.kept(context.states(), state);
        } catch (NoSuchFileException e) {
            return null;
        }
    }
}
