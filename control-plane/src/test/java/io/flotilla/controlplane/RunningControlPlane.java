package io.flotilla.controlplane;

import io.flotilla.controlplane.database.TestDatabase;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.context.ConfigurableApplicationContext;

/** A control plane on a free port and a database of its own, for one test class. */
public final class RunningControlPlane implements BeforeAllCallback, AfterAllCallback {

    private static final int SHOWN = 4000;

    /** An answer, with the body's first part. */
    public record Answer(int status, String body, HttpResponse<InputStream> response) {

        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    private final HttpClient client = HttpClient.newHttpClient();
    private @Nullable ConfigurableApplicationContext context;
    private @Nullable Settings settings;
    private @Nullable Path data;

    @Override
    public void beforeAll(ExtensionContext test) throws IOException {
        Path directory = Files.createTempDirectory("flotilla-test-cpa-running");
        data = directory;
        Settings made = new Settings(directory, freePort(), 0, null, null, null, null);
        settings = made;
        Files.createDirectory(
                made.privateDirectory(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        context = Application.start(
                made,
                TestDatabase.begun(test.getRequiredTestClass().getSimpleName().toLowerCase(Locale.ROOT)));
    }

    @Override
    public void afterAll(ExtensionContext test) throws IOException {
        client.close();
        if (context != null) {
            context.close();
        }
        if (data != null) {
            io.flotilla.controlplane.database.Directories.delete(data);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    public Settings settings() {
        if (settings == null) {
            throw new IllegalStateException("register RunningControlPlane as a static extension");
        }
        return settings;
    }

    public <T> T bean(Class<T> type) {
        if (context == null) {
            throw new IllegalStateException("register RunningControlPlane as a static extension");
        }
        return context.getBean(type);
    }

    public ConfigurableApplicationContext context() {
        if (context == null) {
            throw new IllegalStateException("register RunningControlPlane as a static extension");
        }
        return context;
    }

    public String adminKey() {
        try {
            return Files.readString(settings().privateDirectory().resolve("admin.key"))
                    .strip();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A request to add to; {@code Accept: application/json} unless another is set. */
    public HttpRequest.Builder request(String method, String path, @Nullable String json) {
        HttpRequest.BodyPublisher body =
                json == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(json);
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(settings().localUrl() + path)).method(method, body);
        return json == null ? builder : builder.header("Content-Type", "application/json");
    }

    /** Sends and reads at most the first part of the answer: event streams never end. */
    public Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<InputStream> response =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            String type = response.headers().firstValue("Content-Type").orElse("");
            try (InputStream in = response.body()) {
                boolean stream = type.startsWith("text/event-stream");
                String body = stream ? "" : new String(in.readNBytes(SHOWN), StandardCharsets.UTF_8);
                return new Answer(response.statusCode(), body, response);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Asks with a token or the local administrator's key. */
    public Answer ask(String bearer, String method, String path, @Nullable String json) {
        return send(request(method, path, json).header("Authorization", "Bearer " + bearer));
    }
}
