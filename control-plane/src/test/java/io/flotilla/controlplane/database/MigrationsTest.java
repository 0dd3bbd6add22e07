package io.flotilla.controlplane.database;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationsTest {

    private static void asOwner(Endpoint endpoint, String sql) throws SQLException {
        try (Connection owner = DriverManager.getConnection(
                        Migrations.withOptions(endpoint.url()),
                        endpoint.owner().name(),
                        endpoint.owner().password());
                Statement statement = owner.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void bringADatabaseUpToDateThatHasNewerOnesAlready() throws Exception {
        Endpoint endpoint = TestServer.get().clone("migrations");
        Migrations.apply(endpoint);
        asOwner(endpoint, "DROP TABLE changes");
        asOwner(endpoint, "DELETE FROM flyway_schema_history WHERE version = '204'");

        assertThatCode(() -> Migrations.apply(endpoint)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"99999", "2.5"})
    void sayThatThisVersionIsOlderThanTheSchema(String version) throws Exception {
        Endpoint endpoint = TestServer.get().clone("newer");
        Migrations.apply(endpoint);
        asOwner(
                endpoint,
                "INSERT INTO flyway_schema_history SELECT 9999, '" + version
                        + "', 'of tomorrow', 'SQL', 'V9__x.sql', 1, 'x', now(), 1, true");

        assertThatThrownBy(() -> Migrations.apply(endpoint))
                .isInstanceOf(DatabaseUnfitException.class)
                .hasMessageContaining("this version of Flotilla is older than the schema of the database")
                .hasMessageContaining(version + " (of tomorrow)");
    }

    @Test
    void sayThatThisVersionIsNewerThanASchemaThatCannotBeBroughtUpToDate() throws Exception {
        Endpoint endpoint = TestServer.get().clone("older");
        Migrations.apply(endpoint);
        asOwner(endpoint, "DELETE FROM flyway_schema_history WHERE version = '204'");

        assertThatThrownBy(() -> Migrations.apply(endpoint))
                .isInstanceOf(DatabaseUnfitException.class)
                .hasMessageContaining("this version of Flotilla is newer than the schema of the database")
                .hasMessageContaining("its migration 204 (");
    }

    @Test
    void sayThatTheSchemaWasMadeOfOtherMigrations() throws Exception {
        Endpoint endpoint = TestServer.get().clone("other");
        Migrations.apply(endpoint);
        asOwner(endpoint, "UPDATE flyway_schema_history SET checksum = 1 WHERE version = '204'");

        assertThatThrownBy(() -> Migrations.apply(endpoint))
                .isInstanceOf(DatabaseUnfitException.class)
                .hasMessageContaining("the schema of the database is not the one of this version of Flotilla");
    }

    @Test
    void areNoMatterOfAServerThatIsAway() {
        Endpoint nowhere = new Endpoint(
                "jdbc:postgresql://127.0.0.1:1/none", new Endpoint.Login("a", "b"), new Endpoint.Login("c", "d"));

        assertThatThrownBy(() -> Migrations.apply(nowhere)).isInstanceOf(FlywayException.class);
    }
}
