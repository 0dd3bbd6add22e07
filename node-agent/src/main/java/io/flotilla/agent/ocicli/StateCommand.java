package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.util.List;

/** {@code state}: one container's state, as JSON. */
final class StateCommand implements Command {

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        ContainerState state = context.states().load(Options.parse(arguments).id("state"));
        String status = context.states().status(state).toString();
        context.out().println(Json.write(state.view(status), true));
        return 0;
    }
}
