package io.flotilla.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SchemaTest {

    @RegisterExtension
    static final TestDatabase database = new TestDatabase();

    @Test
    void everyTableAndColumnSaysWhatHoldsForIt() {
        assertThat(database.jdbc().sql("""
                                SELECT c.relname || coalesce('.' || a.attname, '') FROM pg_class c
                                  JOIN pg_namespace n ON n.oid = c.relnamespace
                                  CROSS JOIN LATERAL (SELECT 0::smallint AS attnum, NULL::name AS attname UNION ALL
                                    SELECT attnum, attname FROM pg_attribute
                                    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) a
                                WHERE n.nspname = 'flotilla' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                                  AND c.relname <> 'flyway_schema_history'
                                  AND col_description(c.oid, a.attnum) IS NULL
                                  AND (a.attnum <> 0 OR obj_description(c.oid, 'pg_class') IS NULL)""").query(String.class).list()).isEmpty();
    }

    @Test
    void theApplicationOwnsNothing() {
        assertThat(database.jdbc()
                        .sql(
                                "SELECT relname FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)")
                        .query(String.class)
                        .list())
                .isEmpty();
    }
}
