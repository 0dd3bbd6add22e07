package io.flotilla.agent.cli;

import io.flotilla.agent.program.Version;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program behind {@code flotilla run}, {@code flotilla ps} and so on. */
@Command(
        name = "flotilla",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT, // every subcommand has --help, too
        versionProvider = Version.class,
        description = "Works a Flotilla control plane from a terminal.",
        subcommands = {
            RunImage.class,
            Workloads.Ps.class,
            Logs.class,
            Exec.class,
            Workloads.Stop.class,
            Workloads.Remove.class,
            ImageCommands.class,
            RegistryCommands.class,
            Administration.Token.class,
            Administration.SetupUrl.class,
            Administration.Node.class,
            Administration.JoinLine.class,
            Administration.Audit.class,
            CommandLine.HelpCommand.class
        })
public final class Cli {

    private static final Set<String> PASS_ON = Set.of("run", "exec");

    private Cli() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Cli()).setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("flotilla: " + failure.getMessage());
            return 1;
        });
        // A word that begins with @ is a word, and not a file with further ones.
        line.setExpandAtFiles(false);
        // What follows the image or the container's name belongs to the command that is run there.
        line.getSubcommands().forEach((name, command) -> command.setStopAtPositional(PASS_ON.contains(name)));
        return line;
    }
}
