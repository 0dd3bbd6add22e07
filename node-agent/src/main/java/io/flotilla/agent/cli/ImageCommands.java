package io.flotilla.agent.cli;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Commands about images at the control plane. */
@Command(
        name = "image",
        description = "Images.",
        subcommands = {ImageCommands.Import.class, ImageCommands.Ls.class, ImageCommands.Pull.class})
final class ImageCommands {

    private ImageCommands() {}

    @Command(name = "import", description = "Import an archive made by `docker save` or an OCI layout as tar.")
    static final class Import implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Option(names = "--name", paramLabel = "NAME", description = "instead of the archive's own names")
        private @Nullable String name;

        @Parameters(paramLabel = "FILE")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException, InterruptedException {
            if (!Files.isReadable(file)) {
                throw new IOException(file + " cannot be read");
            }
            String query = name == null ? "" : "?name=" + Api.encode(name);
            try (Api api = connection.api()) {
                JsonNode answer =
                        api.upload("/images/import" + query, BodyPublishers.ofFile(file), "application/x-tar");
                JsonNode items = answer.path("items").isMissingNode() ? answer : answer.path("items");
                if (items.isArray()) {
                    items.forEach(ImageCommands::printName);
                } else {
                    printName(items);
                }
            }
            return 0;
        }
    }

    private static void printName(JsonNode image) {
        System.out.println(image.path("name").asString(image.toString()));
    }

    @Command(name = "ls", description = "List images.")
    static final class Ls implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Override
        public Integer call() throws IOException, InterruptedException {
            Table table = new Table("IMAGE", "DIGEST", "SIZE");
            try (Api api = connection.api()) {
                for (JsonNode image : api.list("/images")) {
                    table.row(
                            Workloads.text(image.path("name")),
                            Workloads.text(image.path("digest")),
                            (image.path("sizeBytes").asLong(image.path("bytes").asLong(0)) >> 20) + "Mi");
                }
            }
            System.out.print(table);
            return 0;
        }
    }

    @Command(name = "pull", description = "Resolve an image by its registry and keep it for the nodes.")
    static final class Pull implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "IMAGE")
        private String image = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (Api api = connection.api()) {
                JsonNode answer = api.post("/images", Map.of("name", image));
                System.out.println(answer.path("name").asString(image) + " "
                        + answer.path("digest").asString(""));
            }
            return 0;
        }
    }
}
