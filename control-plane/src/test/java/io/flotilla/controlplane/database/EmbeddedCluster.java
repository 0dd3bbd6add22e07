package io.flotilla.controlplane.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The embedded PostgreSQL of a control plane that runs in another process: to look into, and to kill. */
public final class EmbeddedCluster {

    private final Path data;
    private final Path secret;

    /** @param data the control plane's data directory */
    public EmbeddedCluster(Path data) {
        this.data = data;
        this.secret = data.resolve("control-plane/postgresql.secret");
    }

    /** As the control plane itself. */
    public Connection connect() throws SQLException, IOException {
        String port = Files.readString(data.resolve("pg/port")).strip();
        return DriverManager.getConnection(
                Migrations.withOptions("jdbc:postgresql://127.0.0.1:" + port + "/flotilla"),
                "flotilla_app",
                Secret.keptIn(secret).passwordOf("flotilla_app"));
    }

    /** Kills the main process, as if it had crashed; its backends notice by themselves. */
    public void kill() throws IOException {
        Postmaster.in(data.resolve("pg/data")).ifPresent(server -> kill(server.process()));
    }

    private static void kill(ProcessHandle process) {
        process.destroyForcibly();
        try {
            process.onExit().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("process " + process.pid() + " outlives kill -9", e);
        }
    }

    /** Ends it for good. */
    public void stop() throws IOException {
        Leftover.stop(data);
    }
}
