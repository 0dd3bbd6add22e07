package io.flotilla.controlplane;

import io.flotilla.controlplane.database.Database;
import io.flotilla.controlplane.database.Directories;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;

/**
 * Starts the control plane on throw-away data, asks for a few pages and ends. Run with {@code -XX:AOTCacheOutput=FILE}
 * it leaves a cache with which later starts take about half the time.
 */
@Command(name = "warm-up", description = "Starts on throw-away data and ends, to record a cache for faster starts.")
final class WarmUp implements Callable<Integer> {

    private static final List<String> PAGES =
            List.of("/login", "/setup", "/api/v1/teams", "/api/v1/audit", "/api/v1/users");

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path data = Files.createTempDirectory("flotilla-warm-up");
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
        try {
            Settings settings = new Settings(data, freePort(), 0, null, null, null, null);
            Directories.ensure(settings.privateDirectory(), "rwx------");
            Database database = Database.of(settings);
            database.begin();
            ConfigurableApplicationContext running = Application.start(settings, database);
            try {
                ask(settings);
            } finally {
                running.close();
            }
        } finally {
            Directories.delete(data);
        }
        return 0;
    }

    private static void ask(Settings settings) throws IOException, InterruptedException {
        String key = Files.readString(settings.privateDirectory().resolve("admin.key"))
                .strip();
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String page : PAGES) {
                HttpRequest request = HttpRequest.newBuilder(URI.create(settings.localUrl() + page))
                        .header("Authorization", "Bearer " + key)
                        .header("Accept", page.startsWith("/api/") ? "application/json" : "text/html")
                        .build();
                client.send(request, HttpResponse.BodyHandlers.discarding());
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }
}
