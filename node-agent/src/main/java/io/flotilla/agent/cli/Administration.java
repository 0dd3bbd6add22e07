package io.flotilla.agent.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Commands for whoever runs the control plane. */
final class Administration {

    private Administration() {}

    @Command(name = "token", description = "API tokens.", subcommands = CreateToken.class)
    static final class Token {}

    @Command(name = "create", description = "Make an API token; only the token is printed.")
    static final class CreateToken implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Option(names = "--admin", description = "may do everything")
        private boolean admin;

        @Option(names = "--read", description = "may only read")
        private boolean read;

        @Option(names = "--team", paramLabel = "TEAM", description = "works in this team only")
        private @Nullable String team;

        @Option(names = "--name", paramLabel = "NAME", defaultValue = "cli", description = "shown in lists")
        private String name = "cli";

        @Option(names = "--expires-in-days", paramLabel = "DAYS", description = "default: 90")
        private @Nullable Integer days;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("name", name);
            body.put("scope", admin ? "admin" : read ? "read" : "write");
            if (team != null) {
                body.put("team", team);
            }
            if (days != null) {
                body.put("expiresInDays", days);
            }
            try (Api api = connection.api()) {
                System.out.println(api.post("/tokens", body).path("token").asString());
            }
            return 0;
        }
    }

    @Command(name = "setup-url", description = "Print the link that makes the first administrator.")
    static final class SetupUrl implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Override
        public Integer call() throws IOException {
            Path file = connection.data().resolve("control-plane/setup-url");
            String link = Files.isReadable(file) ? Files.readString(file).strip() : "";
            if (link.isEmpty()) {
                System.err.println("flotilla: the setup is done");
                link = "http://localhost:" + connection.port() + "/";
            }
            System.out.println(link);
            return 0;
        }
    }

    @Command(
            name = "node",
            description = "Nodes.",
            subcommands = {ListNodes.class, NodeImagesCommands.Ls.class, NodeImagesCommands.Limit.class})
    static final class Node {}

    @Command(name = "ls", description = "List nodes.")
    static final class ListNodes implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Override
        public Integer call() throws IOException, InterruptedException {
            Table table = new Table("NODE", "STATUS", "CPU", "MEMORY", "SYSTEM", "AGENT");
            try (Api api = connection.api()) {
                for (JsonNode node : api.list("/nodes")) {
                    JsonNode facts = node.path("facts");
                    table.row(
                            node.path("name").asString(),
                            node.path("status").asString(),
                            String.valueOf(facts.path("cpuMillis").asLong(0) / 1000.0),
                            (facts.path("memoryBytes").asLong(0) >> 20) + "Mi",
                            Workloads.text(facts.path("os")),
                            Workloads.text(facts.path("agentVersion")));
                }
            }
            System.out.print(table);
            return 0;
        }
    }

    @Command(name = "join-line", description = "Print the line by which another host becomes a node.")
    static final class JoinLine implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Option(names = "--url", paramLabel = "URL", description = "the address by which the host reaches this one")
        private @Nullable String url;

        @Option(names = "--minutes", paramLabel = "N", defaultValue = "60", description = "how long it is good")
        private int minutes;

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (Api api = connection.api()) {
                JsonNode answer = api.post("/join-tokens", Map.of("ttlMinutes", minutes));
                String address = url != null
                        ? url
                        : answer.path("url").asString(connection.base().toString());
                System.out.println("flotilla-agent join " + address + " --token "
                        + answer.path("token").asString() + " --fingerprint "
                        + answer.path("fingerprint").asString());
            }
            return 0;
        }
    }

    @Command(name = "audit", description = "The audit log.", subcommands = VerifyAudit.class)
    static final class Audit {}

    @Command(name = "verify", description = "Verify the chain of the control plane's audit log.")
    static final class VerifyAudit implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (Api api = connection.api()) {
                JsonNode verdict = api.get("/audit/verify");
                boolean ok = verdict.path("ok").asBoolean(false);
                System.out.println(ok ? "ok: " + verdict.path("entries").asLong(0) + " entries" : "NOT ok: " + verdict);
                return ok ? 0 : 1;
            }
        }
    }
}
