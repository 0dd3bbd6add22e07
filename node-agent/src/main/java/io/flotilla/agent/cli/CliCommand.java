package io.flotilla.agent.cli;

import java.io.IOException;
import java.util.concurrent.Callable;

/** A command; its result is the exit code. */
interface CliCommand extends Callable<Integer> {

    @Override
    Integer call() throws IOException, InterruptedException;
}
