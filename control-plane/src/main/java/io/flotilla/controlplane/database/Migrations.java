package io.flotilla.controlplane.database;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;

/** Brings the schema to the version of this program, as the owner. Several replicas may try at once: Flyway locks. */
final class Migrations {

    static final String SCHEMA = "flotilla";

    private Migrations() {}

    /** @throws DatabaseUnfitException if the schema is of a newer version, or cannot be brought to this one's */
    static void apply(Endpoint endpoint) throws DatabaseUnfitException {
        Flyway flyway = Flyway.configure()
                .dataSource(
                        withOptions(endpoint.url()),
                        endpoint.owner().name(),
                        endpoint.owner().password())
                .locations("classpath:db/migration")
                .defaultSchema(SCHEMA)
                .placeholders(Map.of("app", endpoint.application().name()))
                .validateMigrationNaming(true)
                // Numbered by what they are about (2.. fleet, 3.. images), so a new one may stand below an applied one.
                .outOfOrder(true)
                .load();
        refuseNewer(flyway);
        try {
            flyway.migrate();
        } catch (FlywayException e) {
            throw unfit(flyway, e);
        }
    }

    private static void refuseNewer(Flyway flyway) throws DatabaseUnfitException {
        String unknown = Arrays.stream(flyway.info().applied())
                .filter(migration -> !migration.getState().isResolved())
                .map(Migrations::name)
                .collect(Collectors.joining(", "));
        if (!unknown.isEmpty()) {
            throw new DatabaseUnfitException(
                    "this version of Flotilla is older than the schema of the database: it does not know the migration "
                            + unknown + "; start the version that applied it, or a newer one");
        }
    }

    /** A server that went away in the middle is no misfit: then asking it again fails, too. */
    private static DatabaseUnfitException unfit(Flyway flyway, FlywayException cause) {
        for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
            if (DatabaseAwayException.cutOff(inner)) {
                throw cause;
            }
        }
        MigrationInfo[] pending = flyway.info().pending();
        String what = pending.length == 0
                ? "the schema of the database is not the one of this version of Flotilla: "
                : "this version of Flotilla is newer than the schema of the database, and its migration "
                        + name(pending[0]) + " could not be applied: ";
        return new DatabaseUnfitException(
                what + String.valueOf(cause.getMessage()).strip());
    }

    private static String name(MigrationInfo migration) {
        return migration.getVersion() + " (" + migration.getDescription() + ")";
    }

    /** The URL with our search path, time limits and a name for pg_stat_activity. */
    static String withOptions(String url) {
        return url + (url.contains("?") ? "&" : "?") + "currentSchema=" + SCHEMA
                + "&connectTimeout=3&socketTimeout=60&tcpKeepAlive=true&ApplicationName=flotilla";
    }
}
