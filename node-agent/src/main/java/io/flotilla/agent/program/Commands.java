package io.flotilla.agent.program;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The agent's command line. */
@Command(
        name = "flotilla-agent",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT, // every subcommand has --help, too
        versionProvider = Version.class,
        description = "Keeps this Linux host as a Flotilla control plane wants it.",
        subcommands = {
            JoinCommand.class,
            RunCommand.class,
            EnrolledCommand.class,
            InstallCommand.class,
            PurgeCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Commands {

    private Commands() {}

    /** Carries out a command line; returns the process's exit code. */
    public static int execute(String... args) {
        return execute(new PrintWriter(System.err, true, StandardCharsets.UTF_8), args);
    }

    static int execute(PrintWriter errors, String... args) {
        return new CommandLine(new Commands())
                .setErr(errors)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    line.getErr().println("flotilla-agent: " + message(failure));
                    return 1;
                })
                .execute(args);
    }

    private static String message(Exception failure) {
        return failure instanceof RuntimeException && !(failure instanceof IllegalArgumentException)
                ? "failed: " + failure
                : String.valueOf(failure.getMessage());
    }
}
