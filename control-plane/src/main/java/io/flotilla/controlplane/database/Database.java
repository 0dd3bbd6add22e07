package io.flotilla.controlplane.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the database reachable: starts or finds it, migrates it, runs what has to follow, and then watches it. A
 * database that is away, at the start or later, is a state that others can see and not a reason to end.
 */
public final class Database {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final int POOL_SIZE = 24;
    private static final int CONNECT_SECONDS = 3;

    /** Where the database stands. */
    public enum State {
        /** Being started, migrated or looked for the first time. */
        STARTING,
        READY,
        /** It was there, or could not be reached at the start; tried again all the time. */
        AWAY,
        /** It is there, but has the schema of another version; tried again all the time. */
        UNFIT
    }

    /**
     * The state with a sentence for people.
     *
     * @param detail never contains credentials
     */
    public record Status(State state, String detail) {}

    private final EndpointSource source;
    private final Notifications notifications = new Notifications();
    private final CountDownLatch answered = new CountDownLatch(1);
    private final CountDownLatch contextReady = new CountDownLatch(1);
    private volatile Status status = new Status(State.STARTING, "the database is being started");
    private volatile @Nullable HikariDataSource pool;
    private volatile List<? extends OnDatabaseReady> followers = List.of();
    private volatile boolean closed;
    private @Nullable Endpoint endpoint;
    private @Nullable Thread keeper;

    Database(EndpointSource source) {
        this.source = source;
    }

    /** The database that the settings ask for; {@link #begin} sets to work. */
    public static Database of(Settings settings) {
        String url = settings.databaseUrl();
        return new Database(
                url == null
                        ? new EmbeddedSource(settings.data(), settings.privateDirectory())
                        : ExternalSource.of(url, settings.databaseAppUrl()));
    }

    /** Starts the work in the background, so that the rest of the program can start at the same time. */
    public void begin() {
        keeper = Thread.ofVirtual().name("database").start(this::keep);
    }

    /** Tells that the rest of the program stands; these follow in this order before the database counts as ready. */
    void follow(List<? extends OnDatabaseReady> all) {
        followers = List.copyOf(all);
        contextReady.countDown();
    }

    public Status status() {
        return status;
    }

    /** Waits until the database is ready or the first try has failed, whichever comes first. */
    public void awaitFirstAnswer() throws InterruptedException {
        answered.await();
    }

    public boolean ready() {
        return status.state() == State.READY;
    }

    Notifications notifications() {
        return notifications;
    }

    /** @throws SQLException with the status' sentence if the database is not there */
    Connection connection() throws SQLException {
        HikariDataSource present = pool;
        if (present == null) {
            Status now = status;
            throw now.state() == State.UNFIT
                    ? new DatabaseUnfitException(now.detail())
                    : new DatabaseAwayException(now.detail());
        }
        return present.getConnection();
    }

    /** Ends the watch, the pool and, if it is ours, the server. */
    public void close() {
        closed = true;
        Thread running = keeper;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        closePool();
        source.close();
    }

    private void keep() {
        Duration pause = FIRST_PAUSE;
        while (!closed) {
            try {
                open();
                pause = FIRST_PAUSE;
                watch();
            } catch (DatabaseUnfitException e) {
                failed(State.UNFIT, String.valueOf(e.getMessage()));
            } catch (IOException | SQLException | FlywayException e) {
                away(e);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                // A follower failed: its bug must not end the watch, and the log must name it.
                LOG.error("preparing the database failed; trying again", e);
                away(e);
            }
            if (!paused(pause)) {
                return;
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private void away(Exception cause) {
        failed(
                State.AWAY,
                "the database is away: " + String.valueOf(cause.getMessage()).strip());
    }

    private void failed(State state, String detail) {
        if (closed) {
            return;
        }
        Status now = new Status(state, detail);
        if (!status.equals(now)) {
            LOG.warn("{}", detail);
        }
        status = now;
        answered.countDown();
    }

    private static boolean paused(Duration pause) {
        try {
            TimeUnit.MILLISECONDS.sleep(pause.toMillis());
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void open() throws IOException, SQLException, InterruptedException {
        Endpoint found = source.open();
        if (!found.equals(endpoint) || pool == null) {
            Migrations.apply(found);
            closePool();
            pool = pool(found);
            endpoint = found;
            contextReady.await();
            followers.forEach(OnDatabaseReady::databaseReady);
        }
    }

    private void watch() throws SQLException, InterruptedException {
        Endpoint known = endpoint;
        if (known == null) {
            throw new IllegalStateException("watching a database that was never opened");
        }
        try (Connection connection = DriverManager.getConnection(
                Migrations.withOptions(known.url()),
                known.application().name(),
                known.application().password())) {
            notifications.listen(connection, () -> {
                status = new Status(State.READY, "the database is ready");
                LOG.info("the database is ready");
                answered.countDown();
            });
        }
    }

    private void closePool() {
        HikariDataSource old = pool;
        pool = null;
        if (old != null) {
            old.close();
        }
    }

    private static HikariDataSource pool(Endpoint endpoint) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("flotilla");
        config.setJdbcUrl(Migrations.withOptions(endpoint.url()));
        config.setUsername(endpoint.application().name());
        config.setPassword(endpoint.application().password());
        config.setMaximumPoolSize(POOL_SIZE);
        config.setMinimumIdle(2);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(TimeUnit.SECONDS.toMillis(CONNECT_SECONDS));
        return new HikariDataSource(config);
    }
}
