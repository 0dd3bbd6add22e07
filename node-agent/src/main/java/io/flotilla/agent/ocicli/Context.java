package io.flotilla.agent.ocicli;

import java.io.PrintStream;

/** What the options before the command say. */
record Context(States states, Log log, PrintStream out) {}
