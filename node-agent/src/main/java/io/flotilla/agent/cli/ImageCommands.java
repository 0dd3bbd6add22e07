package io.flotilla.agent.cli;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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
        subcommands = {
            ImageCommands.Import.class,
            ImageCommands.Ls.class,
            ImageCommands.Resolve.class,
            ImageInspect.Inspect.class,
            ImageInspect.History.class,
            ImageNames.Tag.class,
            ImageNames.Remove.class,
            ImageNames.Save.class,
            ImageNames.Load.class,
            ImageNames.Push.class,
            NodeImagesCommands.Prune.class
        })
final class ImageCommands {

    private ImageCommands() {}

    @Command(name = "import", description = "Import an archive made by `docker save` or an OCI layout as tar.")
    static final class Import implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "flotilla/NAME:TAG (default: from the file's name)")
        private @Nullable String name;

        @Option(names = "--image", paramLabel = "NAME", description = "which one, if the archive has several")
        private @Nullable String image;

        @Parameters(paramLabel = "FILE")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException, InterruptedException {
            if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
                throw new IOException(
                        file + " is no file that can be read; a directory has to be made a tar archive first");
            }
            String query = "?name=" + Api.encode(name == null ? nameOf(file) : name)
                    + (image == null ? "" : "&image=" + Api.encode(image));
            try (Api api = connection.api()) {
                JsonNode answer = api.upload("/images" + query, BodyPublishers.ofFile(file), "application/x-tar");
                System.out.println(answer.path("name").asString("") + " "
                        + answer.path("digest").asString(""));
            }
            return 0;
        }

        /** {@code My_App.tar.gz} is {@code flotilla/my-app:latest}. */
        static String nameOf(Path file) {
            String stem = String.valueOf(file.getFileName())
                    .toLowerCase(Locale.ROOT)
                    .replaceFirst("\\.(tar|tar\\.gz|tgz)$", "");
            return "flotilla/" + stem.replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "") + ":latest";
        }
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
                            Sizes.show(image.path("bytes").asLong(0)));
                }
            }
            System.out.print(table);
            return 0;
        }
    }

    @Command(name = "resolve", description = "Say what an image's name means now, by its registry.")
    static final class Resolve implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "IMAGE")
        private String image = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (Api api = connection.api()) {
                JsonNode answer = api.get("/images/resolve?image=" + Api.encode(image));
                System.out.println(answer.path("name").asString(image) + " "
                        + answer.path("digest").asString(""));
            }
            return 0;
        }
    }
}
