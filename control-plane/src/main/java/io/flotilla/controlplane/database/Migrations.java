package io.flotilla.controlplane.database;

import java.util.Map;
import org.flywaydb.core.Flyway;

/** Brings the schema to the version of this program, as the owner. Several replicas may try at once: Flyway locks. */
final class Migrations {

    static final String SCHEMA = "flotilla";

    private Migrations() {}

    static void apply(Endpoint endpoint) {
        Flyway.configure()
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
                .load()
                .migrate();
    }

    /** The URL with our search path, time limits and a name for pg_stat_activity. */
    static String withOptions(String url) {
        return url + (url.contains("?") ? "&" : "?") + "currentSchema=" + SCHEMA
                + "&connectTimeout=3&socketTimeout=60&tcpKeepAlive=true&ApplicationName=flotilla";
    }
}
