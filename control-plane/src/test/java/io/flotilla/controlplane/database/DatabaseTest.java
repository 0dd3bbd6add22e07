package io.flotilla.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.controlplane.database.Database.State;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class DatabaseTest {

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within a minute");
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void saysThatTheDatabaseIsAwayAndFindsItWhenItComes() {
        Endpoint endpoint = TestServer.get().clone("away");
        AtomicBoolean there = new AtomicBoolean();
        Database database = new Database(new EndpointSource() {
            @Override
            public Endpoint open() throws IOException {
                if (!there.get()) {
                    throw new IOException("no route to host");
                }
                return endpoint;
            }

            @Override
            public void close() {
                // The server is shared.
            }
        });
        database.begin();
        database.follow(List.of());
        await(() -> database.status().state() == State.AWAY);
        assertThat(database.status().detail()).contains("no route to host");
        assertThatThrownBy(database::connection).isInstanceOf(DatabaseAwayException.class);

        there.set(true);
        await(database::ready);
        database.close();
    }

    @Test
    void saysThatTheDatabaseIsOfAnotherVersionAndNotThatItIsAway() throws Exception {
        Endpoint endpoint = TestServer.get().clone("unfit");
        Migrations.apply(endpoint);
        try (Connection owner = DriverManager.getConnection(
                        Migrations.withOptions(endpoint.url()),
                        endpoint.owner().name(),
                        endpoint.owner().password());
                Statement statement = owner.createStatement()) {
            statement.execute("INSERT INTO flyway_schema_history"
                    + " SELECT 9999, '99999', 'of tomorrow', 'SQL', 'V9__x.sql', 1, 'x', now(), 1, true");
        }
        Database database = new Database(new EndpointSource() {
            @Override
            public Endpoint open() {
                return endpoint;
            }

            @Override
            public void close() {
                // The server is shared.
            }
        });
        database.begin();
        database.follow(List.of());
        await(() -> database.status().state() == State.UNFIT);
        assertThat(database.status().detail()).startsWith("this version of Flotilla is older than the schema");
        assertThatThrownBy(database::connection)
                .isInstanceOf(DatabaseUnfitException.class)
                .hasMessage(database.status().detail());
        database.close();
    }

    @Test
    void noticesThatTheServerCutItsConnectionAndComesBack() throws Exception {
        Endpoint endpoint = TestServer.get().clone("cut");
        AtomicBoolean asked = new AtomicBoolean();
        Database database = new Database(new EndpointSource() {
            @Override
            public Endpoint open() {
                asked.set(true);
                return endpoint;
            }

            @Override
            public void close() {
                // The server is shared.
            }
        });
        database.begin();
        database.follow(List.of());
        await(database::ready);
        asked.set(false);

        TestServer.get()
                .administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                        + endpoint.url().replaceAll(".*/", "") + "'");

        await(asked::get);
        await(database::ready);
        database.connection().close();
        database.close();
    }

    @Test
    void runsWhatFollowsBeforeItCountsAsReadyAndTriesAgainIfThatFails() {
        Endpoint endpoint = TestServer.get().clone("follow");
        Database database = new Database(new EndpointSource() {
            @Override
            public Endpoint open() {
                return endpoint;
            }

            @Override
            public void close() {
                // The server is shared.
            }
        });
        AtomicBoolean failed = new AtomicBoolean();
        AtomicBoolean readyTooSoon = new AtomicBoolean();
        database.begin();
        database.follow(List.of(() -> {
            readyTooSoon.compareAndSet(false, database.ready());
            if (failed.compareAndSet(false, true)) {
                throw new IllegalStateException("not yet");
            }
        }));

        await(database::ready);
        assertThat(failed).isTrue();
        assertThat(readyTooSoon).isFalse();
        database.close();
    }

    @Test
    void namesTheOptionButNeverRepeatsAUrlWithItsPassword() {
        assertThatThrownBy(() -> ExternalSource.of("postgresql://user:geheim@/", null))
                .hasMessageContaining("--database-url must look like")
                .hasMessageNotContaining("geheim");
        assertThat(ExternalSource.of("postgresql://user:p%40ss@db.example/flotilla?sslmode=verify-full", null))
                .satisfies(source -> {
                    assertThat(source.url())
                            .isEqualTo("jdbc:postgresql://db.example:5432/flotilla?sslmode=verify-full");
                    assertThat(source.owner().password()).isEqualTo("p@ss");
                    assertThat(source.toString()).doesNotContain("p@ss");
                });
    }
}
