package io.flotilla.agent.ocicli;

import io.flotilla.agent.engine.BundleLaunch;
import io.flotilla.agent.engine.launch.HandedOver;
import io.flotilla.agent.engine.launch.LaunchException;
import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.KernelException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code start}: has a created container execute its program. */
final class Start implements Command {

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        String id = Options.parse(arguments).id("start");
        ContainerState state = context.states().load(id);
        try (FileChannel lock = context.states().lock(id)) {
            assert lock.isOpen();
            switch (context.states().status(state)) {
                case CREATED -> start(context, state);
                case STOPPED -> throw stopped();
                case RUNNING -> throw new Refused("cannot start an already running container");
                case PAUSED -> throw new Refused("cannot start a container in the paused state");
            }
        }
        return 0;
    }

    static void start(Context context, ContainerState state) throws IOException {
        Path directory = context.states().directory(state.id());
        Bundle bundle = Bundle.kept(context.states(), state);
        try {
            HandedOver.start(directory);
        } catch (LaunchException e) {
            throw Words.of(e, bundle.spec().requireProcess().args().getFirst());
        } catch (KernelException e) {
            throw e.errno() == Errno.ECONNREFUSED ? stopped() : e;
        } finally {
            Files.deleteIfExists(directory.resolve(HandedOver.SOCKET));
        }
        try {
            BundleLaunch.started(bundle.launch(state.id()), state.pid());
        } catch (IOException e) {
            context.log().warning(String.valueOf(e.getMessage())); // the program runs: too late for more
        }
    }

    private static Refused stopped() {
        return new Refused("cannot start a container that has stopped");
    }
}
