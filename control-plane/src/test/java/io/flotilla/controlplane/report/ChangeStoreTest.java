package io.flotilla.controlplane.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.database.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ChangeStoreTest {

    @RegisterExtension
    static final TestDatabase database = new TestDatabase();

    private final ChangeStore store = new ChangeStore(database.jdbc());

    private static long write(Connection connection, UUID thing) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO changes (kind, thing) VALUES ('workload', ?) RETURNING seq")) {
            insert.setString(1, thing.toString());
            ResultSet row = insert.executeQuery();
            row.next();
            return row.getLong(1);
        }
    }

    private List<UUID> since(long seq) {
        return store.since(seq).orElseThrow().stream().map(Change::id).toList();
    }

    @Test
    void findsWhatWasWrittenBeforeAndCommittedAfter() throws SQLException {
        UUID slow = UUID.randomUUID();
        UUID quick = UUID.randomUUID();
        try (Connection one = database.asApplication();
                Connection other = database.asApplication()) {
            one.setAutoCommit(false);
            long lower = write(one, slow);
            long higher = write(other, quick);
            assertThat(lower).isLessThan(higher);
            assertThat(since(higher)).isEmpty();

            one.commit();

            assertThat(since(higher)).containsExactly(slow);
        }
    }

    @Test
    void tellsOfAThingOnceHoweverOftenItChanged() throws SQLException {
        UUID thing = UUID.randomUUID();
        UUID other = UUID.randomUUID();
        try (Connection connection = database.asApplication()) {
            long place = write(connection, UUID.randomUUID());
            write(connection, thing);
            write(connection, other);
            write(connection, thing);
            assertThat(since(place)).containsExactly(other, thing);
        }
    }

    @Test
    void knowsNothingOfWhatWasTrimmed() throws SQLException {
        try (Connection connection = database.asApplication()) {
            long place = write(connection, UUID.randomUUID());
            connection
                    .createStatement()
                    .execute("INSERT INTO changes (kind, thing)"
                            + " SELECT 'workload', gen_random_uuid()::text FROM generate_series(1, 10001)");
            store.trim();
            assertThat(store.since(place)).isEmpty();
            assertThat(store.since(store.newest())).isPresent();
        }
    }
}
