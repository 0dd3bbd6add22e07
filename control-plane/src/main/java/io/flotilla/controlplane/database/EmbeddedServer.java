package io.flotilla.controlplane.database;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The real PostgreSQL, run by the control plane for itself: on loopback, passwords by SCRAM, fsync on, under an account
 * without rights. A server that a killed control plane left behind is adopted.
 */
final class EmbeddedServer {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);
    private static final String SUPERUSER = "postgres";
    private static final String OWNER = "flotilla_owner";
    private static final String APPLICATION = "flotilla_app";
    private static final String DATABASE = "flotilla";
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    private final Path directory;
    private final Distribution programs;
    private final ServerAccount account;
    private final Secret secret;
    private final List<String> settings;

    private EmbeddedServer(
            Path directory, Distribution programs, ServerAccount account, Secret secret, List<String> settings) {
        this.directory = directory;
        this.programs = programs;
        this.account = account;
        this.secret = secret;
        this.settings = List.copyOf(settings);
    }

    /**
     * Prepares the directory: unpacks the programs and makes the cluster where that has not been done.
     *
     * @param directory {@code pg/} of the data directory
     * @param programs where the unpacked programs are kept, usually the same
     * @param secretFile from which the passwords are derived; made if missing
     * @param settings further {@code name=value} settings of PostgreSQL
     */
    static EmbeddedServer prepare(Path directory, Path programs, Path secretFile, List<String> settings)
            throws IOException {
        Directories.ensure(directory, "rwx--x--x");
        ServerAccount account = ServerAccount.ofThisProcess();
        account.requireReach(directory);
        EmbeddedServer server = new EmbeddedServer(
                directory, Distribution.unpack(programs), account, Secret.keptIn(secretFile), settings);
        server.initialise();
        return server;
    }

    private Path data() {
        return directory.resolve("data");
    }

    private void initialise() throws IOException {
        if (Files.exists(data())) {
            return;
        }
        // Made under another name and renamed when complete, so that a crash in between starts over.
        Path fresh = directory.resolve("data.new");
        if (Files.exists(fresh)) {
            Directories.delete(fresh);
        }
        Directories.ensure(fresh, "rwx------");
        account.own(fresh);
        Path password = directory.resolve("initial-password");
        PrivateFile.write(password, secret.passwordOf(SUPERUSER) + "\n");
        account.own(password);
        try {
            List<String> initdb = new ArrayList<>();
            initdb.add(programs.program("initdb").toString());
            initdb.addAll(List.of("--pgdata=" + fresh, "--username=" + SUPERUSER, "--pwfile=" + password));
            initdb.addAll(List.of("--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"));
            initdb.addAll(List.of("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"));
            Commands.run(account.commandWithName(initdb, directory.resolve("passwd")), directory);
        } finally {
            Files.deleteIfExists(password);
        }
        Files.move(fresh, data());
    }

    /** Starts the server, or adopts the one that runs, and returns when it takes connections. */
    Endpoint start() throws IOException, InterruptedException {
        Optional<Postmaster> running = Postmaster.in(data());
        if (running.isPresent() && !running.get().executable().equals(executable())) {
            LOG.info(
                    "stopping the PostgreSQL of another version, {}",
                    running.get().executable());
            stop();
            running = Optional.empty();
        }
        if (running.isPresent()) {
            LOG.info(
                    "adopting the PostgreSQL that runs as process {}",
                    running.get().process().pid());
            awaitReady(running.get().process());
        } else {
            endOrphans();
            Files.deleteIfExists(data().resolve("postmaster.pid"));
            awaitReady(launch());
        }
        int port = Postmaster.in(data())
                .orElseThrow(() -> new IOException("PostgreSQL stopped right after its start; see " + log()))
                .port();
        Files.writeString(directory.resolve("port"), port + "\n");
        return provision(port);
    }

    /**
     * A backend in the middle of something notices late that its server was killed, and no other server starts on the
     * cluster while it lives.
     */
    private void endOrphans() throws IOException, InterruptedException {
        for (ProcessHandle orphan : Postmaster.at(data())) {
            LOG.warn("ending process {} of a PostgreSQL that was killed", orphan.pid());
            orphan.destroyForcibly();
            try {
                orphan.onExit().get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new IOException("process " + orphan.pid() + " of a PostgreSQL that was killed does not end", e);
            }
        }
    }

    private ProcessHandle launch() throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid"));
        List<String> postgres = new ArrayList<>();
        postgres.add(programs.program("postgres").toString());
        postgres.addAll(List.of("-D", data().toString()));
        for (String setting : defaults(choosePort())) {
            postgres.addAll(List.of("-c", setting));
        }
        for (String setting : settings) {
            postgres.addAll(List.of("-c", setting));
        }
        command.addAll(account.command(postgres));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        Commands.cleanEnvironment(builder);
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start()
                .toHandle();
    }

    private static List<String> defaults(int port) {
        return List.of(
                "port=" + port,
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "max_connections=100",
                "shared_buffers=64MB",
                "io_method=sync",
                "jit=off",
                "max_logical_replication_workers=0",
                "timezone=UTC",
                "log_timezone=UTC");
    }

    /** The port of last time if it is free, so that people and monitoring find it again; else any. */
    private int choosePort() throws IOException {
        Path kept = directory.resolve("port");
        String text = Files.exists(kept) ? Files.readString(kept).strip() : "";
        // Empty where a crash came between making the file and writing it.
        if (text.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(text);
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (IOException e) {
                LOG.warn("port {} of the embedded PostgreSQL is taken; choosing another", port);
            }
        }
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private void awaitReady(ProcessHandle process) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!Postmaster.ready(data())) {
            if (!process.isAlive()) {
                throw new IOException(
                        "PostgreSQL ended while starting; last lines of " + log() + ":\n" + Commands.lastLines(log()));
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("PostgreSQL is not ready after " + START_LIMIT.toSeconds() + " s; see " + log());
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    /** Makes roles and database; each statement may have been done by an earlier start. */
    private Endpoint provision(int port) throws IOException {
        String server = "jdbc:postgresql://127.0.0.1:" + port + "/";
        Endpoint.Login owner = new Endpoint.Login(OWNER, secret.passwordOf(OWNER));
        Endpoint.Login application = new Endpoint.Login(APPLICATION, secret.passwordOf(APPLICATION));
        Path done = directory.resolve("provisioned");
        if (!Files.exists(done)) {
            try (Connection connection =
                            DriverManager.getConnection(server + "postgres", SUPERUSER, secret.passwordOf(SUPERUSER));
                    Statement statement = connection.createStatement()) {
                Roles.ensure(statement, owner);
                Roles.ensure(statement, application);
                Roles.ensureDatabase(statement, DATABASE, owner.name());
            } catch (SQLException e) {
                throw new IOException("prepare the embedded PostgreSQL: " + e.getMessage(), e);
            }
            Files.writeString(done, DATABASE + "\n");
        }
        return new Endpoint(server + DATABASE, owner, application);
    }

    /** As the superuser of the cluster; only tests that play the attacker need it. */
    Endpoint.Login superuser() {
        return new Endpoint.Login(SUPERUSER, secret.passwordOf(SUPERUSER));
    }

    /** The process that runs, if any. */
    Optional<ProcessHandle> process() throws IOException {
        return Postmaster.in(data()).map(Postmaster::process);
    }

    /** Ends the server cleanly: open transactions are rolled back, everything is on disk. */
    void stop() throws IOException {
        if (process().isPresent()) {
            List<String> stop =
                    List.of(programs.program("pg_ctl").toString(), "stop", "-D", data().toString(), "-m", "fast", "-w");
            Commands.run(account.command(stop), directory);
        }
    }

    private Path executable() throws IOException {
        return programs.program("postgres").toRealPath();
    }

    private Path log() {
        return directory.resolve("postgresql.log");
    }
}
