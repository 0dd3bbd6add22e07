package io.flotilla.controlplane.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the stored hints. */
@Repository
class ChangeStore {

    /** Enough for a browser that slept through a night of a quiet fleet, or some minutes of a busy one. */
    private static final int KEPT = 10_000;

    private final JdbcClient jdbc;

    ChangeStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    long newest() {
        return jdbc.sql("SELECT coalesce(max(seq), 0) FROM changes")
                .query(Long.class)
                .single();
    }

    /**
     * Once for each thing, in the order of the last change. Numbers are given before the commit, so that a lower one may
     * come to be seen after a higher one; the horizon says which could.
     */
    Optional<List<Change>> since(long seq) {
        Optional<String> horizon = jdbc.sql("SELECT horizon::text FROM changes WHERE seq = :seq")
                .param("seq", seq)
                .query(String.class)
                .optional();
        return horizon.map(from -> jdbc.sql("""
                SELECT kind, thing, max(seq) AS last FROM changes
                WHERE seq <> :seq AND (seq > :seq OR made_by >= :horizon::xid8) GROUP BY kind, thing ORDER BY last\
                """)
                .param("seq", seq)
                .param("horizon", from)
                .query((row, number) -> new Change(
                        Change.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                        UUID.fromString(row.getString("thing")),
                        row.getLong("last")))
                .list());
    }

    void trim() {
        jdbc.sql("DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - :kept")
                .param("kept", KEPT)
                .update();
    }
}
