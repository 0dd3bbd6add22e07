package io.flotilla.agent.cli;

import io.flotilla.agent.kernel.Terminal;
import io.flotilla.agent.websocket.WebSocket;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code exec}: one more process in a running container. */
@Command(name = "exec", description = "Run a command in a running container; without one, a shell.")
final class Exec implements CliCommand {

    @Mixin
    private Connection connection = new Connection();

    @Option(
            names = {"-t", "--tty"},
            description = "give the process a terminal")
    private boolean tty;

    @Option(
            names = {"-i", "--interactive"},
            description = "pass standard input on")
    private boolean interactive;

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME=VALUE",
            description = "environment variable")
    private Map<String, String> env = new LinkedHashMap<>();

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "as this user of the image")
    private @Nullable String user;

    @Parameters(index = "0", paramLabel = "WORKLOAD|ALLOCATION")
    private String target = "";

    @Parameters(index = "1..*", paramLabel = "COMMAND")
    private List<String> command = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (Api api = connection.api()) {
            String id = Targets.allocation(api, target).path("id").asString();
            try (WebSocket socket = api.open("/allocations/" + id + "/exec?" + query())) {
                ProcessClient.Result result = new ProcessClient(socket, tty, interactive, System.err).run();
                if (result.refusal() != null) {
                    System.err.println("flotilla: " + result.refusal());
                }
                return result.code();
            }
        }
    }

    private String query() {
        Terminal.Size size = tty && Terminal.isPresent() ? Terminal.size() : new Terminal.Size(80, 24);
        StringBuilder query = new StringBuilder("tty=" + tty + "&columns=" + size.columns() + "&rows=" + size.rows());
        command.forEach(word -> query.append("&arg=").append(Api.encode(word)));
        env.forEach((key, value) -> query.append("&env=").append(Api.encode(key + "=" + value)));
        if (user != null) {
            query.append("&user=").append(Api.encode(user));
        }
        return query.toString();
    }
}
