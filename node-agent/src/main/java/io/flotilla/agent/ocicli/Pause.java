package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** {@code pause} and {@code resume}: stops every process of a container from running, and lets them go on. */
record Pause(boolean resume) implements Command {

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Target target = Target.of(context, Options.parse(arguments).id(resume ? "resume" : "pause"));
        if (resume) {
            if (target.status() != Status.PAUSED) {
                throw new Refused("container not paused");
            }
            target.group().thaw();
        } else {
            if (target.status() == Status.STOPPED) {
                throw new Refused("container not running");
            }
            if (target.status() == Status.PAUSED) {
                throw new Refused("container is paused already");
            }
            target.group().freeze(DEADLINE);
        }
        return 0;
    }
}
