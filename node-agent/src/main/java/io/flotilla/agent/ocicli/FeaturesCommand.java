package io.flotilla.agent.ocicli;

import io.flotilla.agent.engine.Facilities;
import io.flotilla.agent.engine.Features;
import java.util.List;

/** {@code features}: what a spec may ask for. */
final class FeaturesCommand implements Command {

    @Override
    public int run(Context context, List<String> arguments) throws Refused {
        if (!Options.parse(arguments).operands().isEmpty()) {
            throw new Refused("\"oci features\" takes no arguments");
        }
        context.out()
                .println(Features.of(Oci.builtVersion(), Facilities.present()).json());
        return 0;
    }
}
