package io.flotilla.agent.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which control plane is asked, and as whom. */
final class Connection {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "/var/lib/flotilla",
            description = "data directory of the control plane on this host (default: ${DEFAULT-VALUE})")
    private Path data = Path.of("/var/lib/flotilla");

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "its port on loopback (default: ${DEFAULT-VALUE})")
    private int port = 8080;

    @Option(names = "--server", paramLabel = "URL", description = "another control plane; then --token is needed")
    private @Nullable URI server;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            defaultValue = "${FLOTILLA_TOKEN}",
            description = "API token; default: the environment's FLOTILLA_TOKEN, else root's key below --data")
    private @Nullable String token;

    Path data() {
        return data.toAbsolutePath().normalize();
    }

    int port() {
        return port;
    }

    URI base() {
        return server != null ? server : URI.create("http://127.0.0.1:" + port);
    }

    Api api() throws IOException {
        String scheme = String.valueOf(base().getScheme());
        if (base().getHost() == null || !scheme.matches("(?i)https?")) {
            throw new IOException("--server \"" + base() + "\" is not http://HOST[:PORT] or https://HOST[:PORT]");
        }
        return new Api(base(), bearer());
    }

    private String bearer() throws IOException {
        if (token != null && !token.isBlank()) {
            return token.strip();
        }
        Path key = data().resolve("control-plane/admin.key");
        if (server == null && Files.isReadable(key)) {
            return Files.readString(key).strip();
        }
        throw new IOException(
                "who are you? Give --token or set FLOTILLA_TOKEN" + (server == null ? ", or be root: " + key : ""));
    }
}
