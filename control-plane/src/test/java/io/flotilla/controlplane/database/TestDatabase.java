package io.flotilla.controlplane.database;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditFixture;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.id.Ids;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Locale;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * A migrated database of one test class, on a real PostgreSQL:
 * {@code @RegisterExtension static final TestDatabase database = new TestDatabase();}. Its connections are the
 * application's, guarded as in the program.
 */
public final class TestDatabase implements BeforeAllCallback, AfterAllCallback {

    private @Nullable Endpoint endpoint;
    private @Nullable Database opened;
    private @Nullable JdbcClient jdbc;
    private @Nullable Transactions transactions;
    private @Nullable AuditLog audit;

    @Override
    public void beforeAll(ExtensionContext context) {
        String purpose = context.getRequiredTestClass().getSimpleName().toLowerCase(Locale.ROOT);
        Endpoint clone = TestServer.get().clone(purpose.replaceAll("[^a-z0-9]", ""));
        endpoint = clone;
        Database database = of(clone);
        opened = database;
        database.begin();
        database.follow(java.util.List.of());
        awaitReady(database);
        DataSource source = new GuardedDataSource(database);
        jdbc = JdbcClient.create(source);
        transactions = new Transactions(new JdbcTransactionManager(source));
        audit = AuditFixture.log(jdbc, transactions, Clock.systemUTC());
    }

    /** A database of its own for a whole control plane, begun as the program does. */
    public static Database begun(String purpose) {
        Database database = of(TestServer.get().clone(purpose));
        database.begin();
        return database;
    }

    private static Database of(Endpoint endpoint) {
        return new Database(new EndpointSource() {
            @Override
            public Endpoint open() {
                return endpoint;
            }

            @Override
            public void close() {
                // The server is shared.
            }
        });
    }

    private static void awaitReady(Database database) {
        long deadline = System.nanoTime() + java.time.Duration.ofSeconds(60).toNanos();
        while (!database.ready()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(database.status().detail());
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        present(opened).close();
    }

    /** For stores. */
    public JdbcClient jdbc() {
        return present(jdbc);
    }

    public Transactions transactions() {
        return present(transactions);
    }

    /** The real audit log on this database. */
    public AuditLog audit() {
        return present(audit);
    }

    /** The database as the program has it, for starting a whole control plane on it. */
    public Database database() {
        return present(opened);
    }

    public NotificationStore notificationStore() {
        return new NotificationStore(jdbc());
    }

    public Notifications notifications() {
        return present(opened).notifications();
    }

    public Ids ids() {
        return new Ids(Clock.systemUTC(), new SecureRandom());
    }

    /** Makes a team without quota; returns its id. */
    public UUID team(String name) {
        UUID id = ids().next();
        jdbc().sql("INSERT INTO teams (id, name, created_at) VALUES (:id, :name, now())")
                .param("id", id)
                .param("name", name)
                .update();
        return id;
    }

    public Actor admin() {
        return new Actor(
                Actor.Kind.USER,
                null,
                "admin",
                io.flotilla.controlplane.actor.Role.ADMIN,
                java.util.Set.of(),
                false,
                null,
                "127.0.0.1");
    }

    /** The role that owns the tables. */
    public String owner() {
        return present(endpoint).owner().name();
    }

    /** A connection as the owner of the tables, for tests that tamper with them. */
    public Connection asOwner() throws SQLException {
        Endpoint at = present(endpoint);
        return DriverManager.getConnection(
                Migrations.withOptions(at.url()), at.owner().name(), at.owner().password());
    }

    /** A connection as the application, outside of the pool. */
    public Connection asApplication() throws SQLException {
        Endpoint at = present(endpoint);
        return DriverManager.getConnection(
                Migrations.withOptions(at.url()),
                at.application().name(),
                at.application().password());
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("register TestDatabase as a static extension");
        }
        return value;
    }
}
