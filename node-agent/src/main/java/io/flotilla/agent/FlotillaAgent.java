package io.flotilla.agent;

import io.flotilla.agent.program.Commands;

/** The program {@code flotilla-agent}. */
public final class FlotillaAgent {

    private FlotillaAgent() {}

    public static void main(String[] args) {
        System.exit(Commands.execute(args));
    }
}
