package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.util.List;

/** {@code run}: create and start, and unless detached wait for the end and delete. */
final class Run implements Command {

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Options options = Options.parse(arguments, Streams.OPTIONS);
        String id = options.id("run");
        Bundle bundle = Bundle.read(Create.bundle(options));
        boolean terminal = bundle.spec().requireProcess().terminal();
        if (options.has("detach")) {
            try (Streams streams = Streams.detached(options, terminal)) {
                start(context, options, new Creation(context, id, bundle), streams);
            }
            return 0;
        }
        try (Foreground foreground = Foreground.prepare(terminal);
                Streams streams = Streams.attached(options, foreground.console())) {
            ContainerState state = start(context, options, new Creation(context, id, bundle), streams);
            int status = foreground.await(new Target(context.states(), state, Status.RUNNING));
            if (!options.has("keep")) {
                Delete.remove(context, Target.of(context, id));
            }
            return status;
        }
    }

    private static ContainerState start(Context context, Options options, Creation creation, Streams streams)
            throws IOException {
        ContainerState state = creation.run(streams, Create.pidFile(options));
        try {
            Start.start(context, state);
        } catch (IOException | RuntimeException e) {
            Delete.remove(context, new Target(context.states(), state, Status.STOPPED));
            throw e;
        }
        return state;
    }
}
