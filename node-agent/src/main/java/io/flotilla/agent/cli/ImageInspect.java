package io.flotilla.agent.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Commands that take an image apart. */
final class ImageInspect {

    private ImageInspect() {}

    private static JsonNode ask(Connection connection, String image) throws IOException, InterruptedException {
        try (Api api = connection.api()) {
            return api.get("/images/inspect?image=" + Api.encode(image));
        }
    }

    @Command(
            name = "inspect",
            description = "Show an image's platforms, layers and config, and which workloads run it.")
    static final class Inspect implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "IMAGE")
        private String image = "";

        @Option(names = "--json", description = "all of it, as the API tells it")
        private boolean json;

        @Override
        public Integer call() throws IOException, InterruptedException {
            JsonNode answer = ask(connection, image);
            if (json) {
                System.out.println(answer.toPrettyString());
                return 0;
            }
            System.out.println(answer.path("name").asString() + "\n"
                    + answer.path("digest").asString());
            answer.path("variants").forEach(Inspect::show);
            for (JsonNode user : answer.path("usedBy")) {
                System.out.println("run by " + user.path("name").asString() + " of team "
                        + user.path("team").asString() + ", revision "
                        + user.path("revision").asInt(0));
            }
            return 0;
        }

        private static void show(JsonNode variant) {
            System.out.println("\n" + variant.path("platform").asString() + ", "
                    + Sizes.show(variant.path("bytes").asLong(0))
                    + (variant.path("created").isString()
                            ? ", made " + variant.path("created").asString()
                            : ""));
            for (Map.Entry<String, JsonNode> entry : variant.path("config").properties()) {
                if (!entry.getValue().isEmpty()
                        || !entry.getValue().asString("").isEmpty()) {
                    System.out.println("  " + entry.getKey() + ": " + text(entry.getValue()));
                }
            }
            for (JsonNode layer : variant.path("layers")) {
                System.out.println("  layer " + layer.path("digest").asString() + "  "
                        + Sizes.show(layer.path("bytes").asLong(0)));
            }
        }

        private static String text(JsonNode value) {
            if (!value.isArray()) {
                return value.isString() ? value.asString() : value.toString();
            }
            List<String> words = new ArrayList<>();
            value.forEach(each -> words.add(each.asString("")));
            return String.join(" ", words);
        }
    }

    @Command(name = "history", description = "Show how an image came to be, the newest step first.")
    static final class History implements CliCommand {

        private static final int LONGEST = 100;

        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "IMAGE")
        private String image = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            List<JsonNode> variants = new ArrayList<>();
            ask(connection, image).path("variants").forEach(variants::add);
            for (JsonNode variant : variants) {
                if (variants.size() > 1) {
                    System.out.println(variant.path("platform").asString());
                }
                Table table = new Table("CREATED", "SIZE", "CREATED BY");
                List<JsonNode> steps = new ArrayList<>();
                variant.path("history").forEach(steps::addFirst);
                for (JsonNode step : steps) {
                    table.row(
                            Workloads.text(step.path("created")),
                            step.path("layer").isObject()
                                    ? Sizes.show(
                                            step.path("layer").path("bytes").asLong(0))
                                    : "-",
                            brief(step.path("createdBy").asString("")));
                }
                System.out.print(table);
            }
            return 0;
        }

        private static String brief(String text) {
            String line = text.replaceAll("\\s+", " ").strip();
            return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
        }
    }
}
