package io.flotilla.agent.program;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.link.Enroller;
import io.flotilla.agent.link.Membership;
import io.flotilla.agent.link.NodeKey;
import io.flotilla.agent.link.Server;
import io.flotilla.agent.observe.HostFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla-agent join}: makes this host a node, and starts the agent unless told otherwise. */
@Command(
        name = "join",
        description = {
            "Make this host a node of a control plane.",
            "The dashboard's page \"Join a node\" and `flotilla join-line` print the whole line. The agent is then"
                    + " installed as a systemd service where systemd runs, else it runs in the foreground."
        })
final class JoinCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in before it calls.
    private CommandSpec spec;

    @Mixin
    private DataOption data = new DataOption();

    @Parameters(arity = "0..1", paramLabel = "URL", description = "the control plane, as in https://host:8443")
    private @Nullable String url;

    @Option(names = "--token", paramLabel = "TOKEN", description = "single-use join token")
    private @Nullable String token;

    @Option(names = "--fingerprint", paramLabel = "HEX", description = "SHA-256 of the control plane's identity key")
    private @Nullable String fingerprint;

    @Option(names = "--local", description = "join the control plane of this host, with its own key")
    private boolean local;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8080", description = "with --local: its port")
    private int port;

    @Option(names = "--no-run", description = "only join; start nothing")
    private boolean noRun;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Server server = server();
        AgentPaths paths = data.open();
        Optional<Membership> held = Membership.read(paths.agent());
        Membership membership = held.isPresent() ? again(held.get(), server) : enrol(paths, server);
        membership.write(paths.agent());
        if (local || noRun) {
            return 0;
        }
        return SystemdUnit.runsHere()
                ? SystemdUnit.install(data.data(), spec.commandLine().getOut())
                : new RunCommand(data).call();
    }

    private Server server() {
        if (local) {
            return Server.parse("http://127.0.0.1:" + port);
        }
        if (url == null || token == null || fingerprint == null) {
            throw new ParameterException(spec.commandLine(), "join needs URL, --token and --fingerprint (or --local)");
        }
        if (!fingerprint.toLowerCase(Locale.ROOT).matches("[0-9a-f]{64}")) {
            throw new ParameterException(
                    spec.commandLine(), "--fingerprint \"" + fingerprint + "\" is not 64 hex digits");
        }
        return Server.parse(url);
    }

    private Membership again(Membership held, Server server) throws IOException {
        boolean same = fingerprint == null || held.fingerprint().equals(fingerprint.toLowerCase(Locale.ROOT));
        if (!same) {
            throw new IOException("this host is node " + held.name() + " of another control plane ("
                    + held.fingerprint() + "); `flotilla-agent purge --delete-data` undoes that");
        }
        spec.commandLine().getErr().println("This host is node " + held.name() + " already.");
        return held.at(server);
    }

    private Membership enrol(AgentPaths paths, Server server) throws IOException, InterruptedException {
        LocalControlPlane.Invitation invitation = local
                ? LocalControlPlane.invite(data.data(), server.uri())
                : new LocalControlPlane.Invitation(
                        String.valueOf(token), String.valueOf(fingerprint).toLowerCase(Locale.ROOT));
        Path key = paths.key();
        boolean fresh = !Files.exists(key);
        Membership membership = Enroller.enrol(
                server,
                invitation.token(),
                invitation.fingerprint(),
                NodeKey.open(key),
                new HostFacts(paths.data(), Version.number()).read(),
                new SecureRandom());
        spec.commandLine()
                .getErr()
                .println("Joined as node " + membership.name() + (fresh ? "." : " with its old key."));
        return membership;
    }
}
