package io.flotilla.agent.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Commands about the images on nodes. */
final class NodeImagesCommands {

    private NodeImagesCommands() {}

    /** Nodes by name, or all. */
    private static List<JsonNode> nodes(Api api, @Nullable String name) throws IOException, InterruptedException {
        List<JsonNode> chosen = new ArrayList<>();
        for (JsonNode node : api.list("/nodes")) {
            String own = node.path("name").asString();
            if (name == null ? node.path("status").asString().equals("online") : own.equals(name)) {
                chosen.add(node);
            }
        }
        if (chosen.isEmpty()) {
            throw new IOException(name == null ? "no node is online" : "there is no node \"" + name + "\"");
        }
        return chosen;
    }

    private static String path(JsonNode node) {
        return "/nodes/" + node.path("id").asString() + "/images";
    }

    private static String name(JsonNode image) {
        String first = image.path("names").path(0).asString("");
        return first.isEmpty() ? image.path("digest").asString() : first;
    }

    private static String minute(JsonNode time) {
        String text = time.asString("");
        return text.length() < 16 ? "-" : text.substring(0, 16).replace('T', ' ');
    }

    @Command(name = "images", description = "List the images that a node has, the last used first.")
    static final class Ls implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "NODE")
        private String node = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            Table table = new Table("IMAGE", "SIZE", "LAST USED (UTC)", "IN USE");
            try (Api api = connection.api()) {
                JsonNode answer = api.get(path(nodes(api, node).getFirst()));
                for (JsonNode image : answer.path("images")) {
                    table.row(
                            name(image),
                            Sizes.show(image.path("bytes").asLong(0)),
                            minute(image.path("usedAt")),
                            image.path("inUse").asBoolean(false) ? "yes" : "no");
                }
                System.out.print(table);
                System.out.println(Sizes.show(answer.path("bytes").asLong(0)) + " in all"
                        + (answer.path("limitBytes").isNumber()
                                ? ", limit "
                                        + Sizes.show(answer.path("limitBytes").asLong(0))
                                : ", no limit"));
            }
            return 0;
        }
    }

    @Command(
            name = "image-limit",
            description = "Set how much images may take on a node; beyond it the longest unused ones go.")
    static final class Limit implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(index = "0", paramLabel = "NODE")
        private String node = "";

        @Parameters(index = "1", paramLabel = "SIZE", description = "as in 20Gi, or \"none\"")
        private String size = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            Map<String, Object> body = new HashMap<>();
            body.put("limitBytes", size.equals("none") ? null : Sizes.parse("SIZE", size));
            try (Api api = connection.api()) {
                tell(node, api.put(path(nodes(api, node).getFirst()) + "/limit", body), "freed");
            }
            return 0;
        }
    }

    @Command(
            name = "prune",
            description = "Take images off nodes that nothing there uses; without --yes, say what would go.")
    static final class Prune implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Option(names = "--node", paramLabel = "NODE", description = "this one only; default: all that are online")
        private @Nullable String node;

        @Option(
                names = "--keep",
                paramLabel = "SIZE",
                defaultValue = "0",
                description = "what may stay of the unused, as in 5Gi; the longest unused go first")
        private String keep = "0";

        @Option(names = "--yes", description = "do it")
        private boolean yes;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Map<String, Object> body = Map.of("keepBytes", Sizes.parse("--keep", keep), "preview", !yes);
            try (Api api = connection.api()) {
                for (JsonNode each : nodes(api, node)) {
                    JsonNode answer = api.post(path(each) + "/clean", body);
                    tell(each.path("name").asString(), answer, yes ? "freed" : "would free");
                }
            }
            if (!yes) {
                System.out.println("Nothing was done; --yes does it.");
            }
            return 0;
        }
    }

    private static void tell(String node, JsonNode answer, String verb) {
        System.out.println(
                node + ": " + verb + " " + Sizes.show(answer.path("freedBytes").asLong(0)));
        for (JsonNode image : answer.path("freed")) {
            System.out.println("  " + name(image) + ", used by nobody since " + minute(image.path("usedAt")) + " UTC");
        }
    }
}
