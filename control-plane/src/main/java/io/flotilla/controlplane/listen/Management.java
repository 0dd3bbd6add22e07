package io.flotilla.controlplane.listen;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flotilla.controlplane.database.Database;
import io.flotilla.controlplane.settings.Settings;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Health and metrics on a loopback port of their own, answered also while the main port is busy or the database away:
 * {@code /live}, {@code /ready} (503 with the reason while the database is away) and {@code /metrics} (Prometheus).
 */
@Component
class Management implements SmartLifecycle {

    private final Settings settings;
    private final Database database;
    private final PrometheusMeterRegistry metrics;
    private final JsonMapper mapper;
    private final ExecutorService threads;
    private @Nullable HttpServer server;

    Management(
            Settings settings,
            Database database,
            PrometheusMeterRegistry metrics,
            JsonMapper mapper,
            ExecutorService virtualThreads) {
        this.settings = settings;
        this.database = database;
        this.metrics = metrics;
        this.mapper = mapper;
        this.threads = virtualThreads;
    }

    @Override
    public void start() {
        try {
            HttpServer made = HttpServer.create(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.managementPort()), 0);
            made.setExecutor(threads);
            made.createContext("/live", exchange -> answer(exchange, 200, "application/json", "{\"status\":\"up\"}"));
            made.createContext("/ready", this::ready);
            made.createContext(
                    "/metrics",
                    exchange -> answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()));
            made.start();
            server = made;
            Files.writeString(
                    settings.privateDirectory().resolve("management-port"),
                    made.getAddress().getPort() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("open the management port " + settings.managementPort(), e);
        }
    }

    private void ready(HttpExchange exchange) throws IOException {
        Database.Status status = database.status();
        boolean ready = status.state() == Database.State.READY;
        String body = mapper.writeValueAsString(Map.of("status", ready ? "up" : "down", "database", status.detail()));
        answer(exchange, ready ? 200 : 503, "application/json", body);
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    @Override
    public void stop() {
        HttpServer running = server;
        server = null;
        if (running != null) {
            running.stop(0);
        }
    }

    @Override
    public boolean isRunning() {
        return server != null;
    }

    /** First to open and last to close, so that a start that waits for the database can be watched. */
    @Override
    public int getPhase() {
        return Integer.MIN_VALUE + 1;
    }
}
