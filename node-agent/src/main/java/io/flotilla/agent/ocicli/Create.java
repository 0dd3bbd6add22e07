package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code create}: makes a container and leaves its process waiting. */
final class Create implements Command {

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Options options = Options.parse(arguments, Streams.OPTIONS);
        String id = options.id("create");
        Bundle bundle = Bundle.read(bundle(options));
        try (Streams streams =
                Streams.detached(options, bundle.spec().requireProcess().terminal())) {
            new Creation(context, id, bundle).run(streams, pidFile(options));
        }
        return 0;
    }

    static Path bundle(Options options) {
        String path = options.value("bundle");
        return Path.of(path == null ? "" : path).toAbsolutePath().normalize();
    }

    static @org.jspecify.annotations.Nullable Path pidFile(Options options) {
        String path = options.value("pid-file");
        return path == null ? null : Path.of(path);
    }
}
