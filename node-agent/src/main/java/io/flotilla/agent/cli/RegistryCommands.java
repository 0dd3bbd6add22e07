package io.flotilla.agent.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Commands about the registries that images are pulled from. */
@Command(
        name = "registry",
        description = "Logins, mirrors and certificates of registries.",
        subcommands = {RegistryCommands.Set.class, RegistryCommands.Ls.class, RegistryCommands.Rm.class})
final class RegistryCommands {

    private RegistryCommands() {}

    @Command(name = "set", description = "Say how a registry is reached; replaces all that was set for it before.")
    static final class Set implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "HOST[:PORT]", description = "as in image names; docker.io for those without a host")
        private String registry = "";

        @Option(names = "--username", paramLabel = "NAME", description = "the password is read from standard input")
        private @Nullable String username;

        @Option(
                names = "--mirror",
                paramLabel = "HOST[:PORT][/PATH]",
                description = "asked before the registry, in this order; its login is set for its own host")
        private List<String> mirrors = new ArrayList<>();

        @Option(names = "--ca", paramLabel = "FILE", description = "certificates, in PEM, of who vouches for it")
        private @Nullable Path authorities;

        @Option(names = "--insecure", description = "plain HTTP, if it does not speak TLS")
        private boolean insecure;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("registry", registry);
            body.put("insecure", insecure);
            body.put("mirrors", mirrors);
            if (authorities != null) {
                body.put("authorities", Files.readString(authorities));
            }
            if (username != null) {
                body.put("username", username);
                body.put("password", password());
            }
            try (Api api = connection.api()) {
                System.out.println(
                        api.put("/registry-logins", body).path("registry").asString());
            }
            return 0;
        }

        /** A password on the command line could be read by everybody on this host. */
        private static String password() throws IOException {
            Optional<Console> console = Optional.ofNullable(System.console()).filter(Console::isTerminal);
            if (console.isPresent()) {
                return new String(console.get().readPassword("Password: "));
            }
            return new String(System.in.readNBytes(64 << 10), StandardCharsets.UTF_8).strip();
        }
    }

    @Command(name = "ls", description = "List the registries for which something is set.")
    static final class Ls implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Override
        public Integer call() throws IOException, InterruptedException {
            Table table = new Table("REGISTRY", "USER", "MIRRORS", "TLS");
            try (Api api = connection.api()) {
                for (JsonNode registry : api.list("/registry-logins")) {
                    List<String> mirrors = new ArrayList<>();
                    registry.path("mirrors").forEach(m -> mirrors.add(m.asString()));
                    table.row(
                            registry.path("registry").asString(),
                            orDash(registry.path("username").asString("")),
                            orDash(String.join(", ", mirrors)),
                            registry.path("insecure").asBoolean(false)
                                    ? "optional"
                                    : registry.path("authorities").isString() ? "own CA" : "yes");
                }
            }
            System.out.print(table);
            return 0;
        }

        private static String orDash(String text) {
            return text.isEmpty() ? "-" : text;
        }
    }

    @Command(name = "rm", description = "Forget what is set for a registry.")
    static final class Rm implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "HOST[:PORT]")
        private String registry = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (Api api = connection.api()) {
                api.delete("/registry-logins?registry=" + Api.encode(registry));
            }
            return 0;
        }
    }
}
