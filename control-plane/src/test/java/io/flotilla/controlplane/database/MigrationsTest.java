package io.flotilla.controlplane.database;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class MigrationsTest {

    @Test
    void bringADatabaseUpToDateThatHasNewerOnesAlready() throws SQLException {
        Endpoint endpoint = TestServer.get().clone("migrations");
        Migrations.apply(endpoint);
        try (Connection owner = DriverManager.getConnection(
                        Migrations.withOptions(endpoint.url()),
                        endpoint.owner().name(),
                        endpoint.owner().password());
                Statement statement = owner.createStatement()) {
            statement.execute("DROP TABLE changes");
            statement.execute("DELETE FROM flyway_schema_history WHERE version = '204'");
        }

        assertThatCode(() -> Migrations.apply(endpoint)).doesNotThrowAnyException();
    }
}
