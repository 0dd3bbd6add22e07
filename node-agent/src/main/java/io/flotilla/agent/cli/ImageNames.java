package io.flotilla.agent.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Commands that give and take names of images, and carry images away under them. */
final class ImageNames {

    private ImageNames() {}

    @Command(name = "tag", description = "Give an image that the control plane keeps one more name.")
    static final class Tag implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(index = "0", paramLabel = "IMAGE")
        private String source = "";

        @Parameters(index = "1", paramLabel = "NAME", description = "flotilla/NAME:TAG")
        private String target = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (Api api = connection.api()) {
                tell(api.post("/images/tag", Map.of("source", source, "target", target)));
            }
            return 0;
        }
    }

    @Command(
            name = "rm",
            description = "Forget names of images that the control plane keeps; workloads keep what they run.")
    static final class Remove implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "NAME", arity = "1..*")
        private List<String> names = new ArrayList<>();

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (Api api = connection.api()) {
                for (String name : names) {
                    api.delete("/images?name=" + Api.encode(name));
                }
            }
            return 0;
        }
    }

    @Command(name = "save", description = "Write images to an archive, which `image load` and `docker load` read.")
    static final class Save implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "NAME", arity = "1..*")
        private List<String> names = new ArrayList<>();

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                description = "default: standard output")
        private @Nullable Path output;

        @Override
        public Integer call() throws IOException, InterruptedException {
            List<String> query =
                    names.stream().map(n -> "name=" + Api.encode(n)).toList();
            try (Api api = connection.api();
                    InputStream archive = api.stream("/images/archive?" + String.join("&", query))) {
                if (output == null) {
                    archive.transferTo(System.out);
                    System.out.flush();
                } else {
                    // Beside its place first: a download that breaks off leaves no archive that only looks like one.
                    Path draft = output.resolveSibling(output.getFileName() + ".part");
                    Files.copy(archive, draft, StandardCopyOption.REPLACE_EXISTING);
                    Files.move(draft, output, StandardCopyOption.REPLACE_EXISTING);
                }
            }
            return 0;
        }
    }

    @Command(name = "push", description = "Send an image that the control plane keeps to a registry.")
    static final class Push implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(index = "0", paramLabel = "IMAGE")
        private String name = "";

        @Parameters(index = "1", paramLabel = "NAME", description = "HOST/REPOSITORY:TAG")
        private String target = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (Api api = connection.api()) {
                JsonNode pushed = api.post("/images/push", Map.of("name", name, "target", target));
                tell(pushed);
                System.out.println(pushed.path("uploaded").asInt(0) + " uploaded ("
                        + Sizes.show(pushed.path("sentBytes").asLong(0)) + "), "
                        + pushed.path("mounted").asInt(0) + " mounted from other repositories, "
                        + pushed.path("present").asInt(0) + " already there");
            }
            return 0;
        }
    }

    @Command(name = "load", description = "Import every image of an archive under the archive's own name for it.")
    static final class Load implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "FILE")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException, InterruptedException {
            if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
                throw new IOException(file + " is no file that can be read");
            }
            try (Api api = connection.api()) {
                api.upload("/images/load", BodyPublishers.ofFile(file), "application/x-tar")
                        .path("items")
                        .forEach(ImageNames::tell);
            }
            return 0;
        }
    }

    private static void tell(JsonNode image) {
        System.out.println(
                image.path("name").asString("") + " " + image.path("digest").asString(""));
    }
}
