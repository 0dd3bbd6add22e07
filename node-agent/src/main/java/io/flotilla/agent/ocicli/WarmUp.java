package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code warm-up}: a container's whole life in one process, which writes down the classes that all commands need so that later
 * ones start with them (-XX:AOTCacheOutput). Its programs are the host's.
 */
final class WarmUp implements Command {

    private static final String ID = "warm-up";

    /** The host's programs and what they need. */
    private static final List<String> PROGRAMS = List.of("/bin", "/sbin", "/lib", "/lib64", "/usr");

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Options.parse(arguments);
        Path bundle = Files.createTempDirectory("flotilla-oci");
        Context quiet = new Context(
                new States(bundle.resolve("state")), context.log(), new PrintStream(PrintStream.nullOutputStream()));
        Path root = Files.createDirectory(bundle.resolve("rootfs"));
        try {
            new SpecTemplate().run(quiet, List.of("--bundle", bundle.toString()));
            Files.writeString(bundle.resolve(States.CONFIG), Json.write(config(bundle), false));
            live(quiet, bundle);
        } finally {
            new Delete().run(quiet, List.of("--force", ID));
            remove(root);
            remove(bundle);
        }
        return 0;
    }

    private static Map<String, @Nullable Object> config(Path bundle) throws IOException {
        Path file = bundle.resolve(States.CONFIG);
        Map<String, @Nullable Object> config = Json.object(file.toString(), Files.readString(file));
        Map<String, @Nullable Object> process = Json.child(config, "process");
        process.put("terminal", false);
        process.put("args", List.of("sleep", "60"));
        List<Object> mounts = new ArrayList<>();
        if (config.get("mounts") instanceof List<?> usual) {
            mounts.addAll(usual);
        }
        for (String directory : PROGRAMS) {
            if (Files.isDirectory(Path.of(directory))) {
                mounts.add(Map.of(
                        "destination",
                        directory,
                        "type",
                        "bind",
                        "source",
                        directory,
                        "options",
                        List.of("rbind", "ro")));
            }
        }
        config.put("mounts", mounts);
        return config;
    }

    /** What is in it has no more below it: mounts were the container's own, only their places are left. */
    private static void remove(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                Files.deleteIfExists(entry);
            }
        }
        Files.deleteIfExists(directory);
    }

    private static void live(Context context, Path bundle) throws IOException {
        new Create().run(context, List.of("--bundle", bundle.toString(), ID));
        new StateCommand().run(context, List.of(ID));
        new Start().run(context, List.of(ID));
        new Exec().run(context, List.of(ID, "true"));
        new Pause(false).run(context, List.of(ID));
        new Pause(true).run(context, List.of(ID));
        new Ps().run(context, List.of("--format=json", ID));
        new Listing().run(context, List.of());
        new Update().run(context, List.of("--pids-limit=100", ID));
        new Events().run(context, List.of("--stats", ID));
        new Kill().run(context, List.of(ID, "KILL"));
    }
}
