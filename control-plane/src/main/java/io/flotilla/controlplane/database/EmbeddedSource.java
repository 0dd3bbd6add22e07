package io.flotilla.controlplane.database;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The embedded server below the data directory. */
final class EmbeddedSource implements EndpointSource {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedSource.class);

    private final Path data;
    private final Path privateDirectory;
    private @Nullable EmbeddedServer server;

    EmbeddedSource(Path data, Path privateDirectory) {
        this.data = data;
        this.privateDirectory = privateDirectory;
    }

    @Override
    public synchronized Endpoint open() throws IOException, InterruptedException {
        EmbeddedServer known = server;
        if (known == null) {
            Path directory = data.resolve("pg");
            known = EmbeddedServer.prepare(
                    directory, directory, privateDirectory.resolve("postgresql.secret"), List.of());
            server = known;
        }
        return known.start();
    }

    @Override
    public synchronized void close() {
        EmbeddedServer known = server;
        if (known != null) {
            try {
                known.stop();
            } catch (IOException e) {
                LOG.warn("could not stop the embedded PostgreSQL; the next start adopts it", e);
            }
        }
    }
}
