package io.flotilla.controlplane;

import io.flotilla.controlplane.database.Database;
import io.flotilla.controlplane.settings.Settings;
import io.flotilla.controlplane.workload.ImageResolver;
import io.flotilla.protocol.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** A control plane with a database of its own, on a free port; it can be stopped and started again on the same data. */
public final class RestartableControlPlane implements AutoCloseable {

    /** Every image exists. Not annotated, so that no other test's scan of components finds it. */
    static class AnyImage {

        @Bean
        @Primary
        ImageResolver anyImage() {
            return (actor, image) -> new ImageResolver.Resolved(
                    Digest.sha256(image.canonical().getBytes(StandardCharsets.UTF_8)), Set.of("amd64"));
        }
    }

    private final Settings settings;
    private @Nullable ConfigurableApplicationContext context;

    public RestartableControlPlane(Path data) throws IOException {
        this(data, null);
    }

    /** @param databaseUrl of the owner on a PostgreSQL that somebody else runs; null for the embedded one */
    public RestartableControlPlane(Path data, @Nullable String databaseUrl) throws IOException {
        this(data, databaseUrl, Settings.Terminals.USUAL);
    }

    /** @param terminals how long terminals wait, and how much of them is kept */
    public RestartableControlPlane(Path data, @Nullable String databaseUrl, Settings.Terminals terminals)
            throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            settings = new Settings(data, socket.getLocalPort(), 0, databaseUrl, null, null, null, terminals);
        }
        // PostgreSQL's own account must be able to pass; JUnit makes temporary directories for the owner only.
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
        Files.createDirectories(settings.privateDirectory());
    }

    public RestartableControlPlane start() {
        Database database = Database.of(settings);
        database.begin();
        context = new SpringApplicationBuilder(Application.class, AnyImage.class)
                .properties(Map.of("server.address", "127.0.0.1", "server.port", settings.port()))
                .initializers(each -> {
                    each.getBeanFactory().registerSingleton("settings", settings);
                    each.getBeanFactory().registerSingleton("database", database);
                })
                .run();
        return this;
    }

    public void stop() {
        ConfigurableApplicationContext running = context;
        context = null;
        if (running != null) {
            running.close();
        }
    }

    @Override
    public void close() {
        stop();
    }

    public String url() {
        return "http://127.0.0.1:" + settings.port();
    }

    /** Where health and metrics are. */
    public String managementUrl() throws IOException {
        return "http://127.0.0.1:"
                + Files.readString(settings.privateDirectory().resolve("management-port"))
                        .strip();
    }

    /** The credentials of local root. */
    public String adminKey() throws IOException {
        return Files.readString(settings.privateDirectory().resolve("admin.key"))
                .strip();
    }

    public <T> T bean(Class<T> type) {
        ConfigurableApplicationContext running = context;
        if (running == null) {
            throw new IllegalStateException("the control plane is stopped");
        }
        return running.getBean(type);
    }
}
