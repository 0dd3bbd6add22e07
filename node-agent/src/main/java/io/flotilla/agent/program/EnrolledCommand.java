package io.flotilla.agent.program;

import io.flotilla.agent.link.Membership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flotilla-agent enrolled}: tells scripts whether this host has joined. */
@Command(name = "enrolled", description = "Print what this host is a node of; exit code 1 when it has not joined.")
final class EnrolledCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in before it calls.
    private CommandSpec spec;

    @Mixin
    private DataOption data = new DataOption();

    @Override
    public Integer call() throws IOException {
        Path agent = data.data().resolve("agent");
        Optional<Membership> membership = Membership.read(agent);
        if (membership.isEmpty() || !Files.exists(agent.resolve("key"))) {
            spec.commandLine().getErr().println("This host has not joined a control plane.");
            return 1;
        }
        Membership held = membership.get();
        spec.commandLine().getOut().println(held.name() + " " + held.nodeId() + " " + held.server());
        return 0;
    }
}
