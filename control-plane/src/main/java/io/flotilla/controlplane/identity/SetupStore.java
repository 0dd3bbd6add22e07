package io.flotilla.controlplane.identity;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the one-time setup. */
@Repository
class SetupStore {

    private final JdbcClient jdbc;

    SetupStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    boolean completed() {
        return jdbc.sql("SELECT completed_at IS NOT NULL FROM setup")
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** Sets the token unless the setup is complete. */
    void offer(byte[] tokenHash, Instant now) {
        jdbc.sql("""
                INSERT INTO setup AS s (token_hash, created_at) VALUES (:hash, :now)
                ON CONFLICT (singleton) DO UPDATE SET token_hash = :hash WHERE s.completed_at IS NULL""")
                .param("hash", tokenHash)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Locks the row, so that a token is used once. Empty if the setup is complete. */
    Optional<byte[]> lockToken() {
        return jdbc.sql("SELECT token_hash FROM setup WHERE completed_at IS NULL FOR UPDATE")
                .query(byte[].class)
                .optional();
    }

    void complete(Instant now) {
        jdbc.sql("UPDATE setup SET completed_at = :now, token_hash = NULL")
                .param("now", now.atOffset(ZoneOffset.UTC))
                .update();
    }
}
