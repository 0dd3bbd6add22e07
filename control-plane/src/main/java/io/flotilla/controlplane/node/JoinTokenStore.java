package io.flotilla.controlplane.node;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of join tokens. */
@Repository
class JoinTokenStore {

    private final JdbcClient jdbc;

    JoinTokenStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(JoinToken token, byte[] hash) {
        jdbc.sql("""
            INSERT INTO join_tokens (id, token_hash, created_at, created_by, expires_at)
            VALUES (:id, :hash, :at, :by, :until)\
            """)
                .param("id", token.id())
                .param("hash", hash)
                .param("at", token.createdAt().atOffset(ZoneOffset.UTC))
                .param("by", token.createdBy())
                .param("until", token.expiresAt().atOffset(ZoneOffset.UTC))
                .update();
        jdbc.sql("DELETE FROM join_tokens WHERE expires_at < :before")
                .param("before", token.createdAt().minusSeconds(30L * 24 * 3600).atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Locks it, so that a second use waits for the first and then finds it used. */
    Optional<JoinToken> lock(byte[] hash) {
        return jdbc.sql("SELECT * FROM join_tokens WHERE token_hash = :hash FOR UPDATE")
                .param("hash", hash)
                .query(JoinTokenStore::token)
                .optional();
    }

    void use(UUID id, UUID nodeId) {
        jdbc.sql("UPDATE join_tokens SET used_at = now(), node_id = :node WHERE id = :id")
                .param("id", id)
                .param("node", nodeId)
                .update();
    }

    List<JoinToken> newest(int limit) {
        return jdbc.sql("SELECT * FROM join_tokens ORDER BY id DESC LIMIT :limit")
                .param("limit", limit)
                .query(JoinTokenStore::token)
                .list();
    }

    private static JoinToken token(ResultSet row, int number) throws SQLException {
        return new JoinToken(
                row.getObject("id", UUID.class),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("created_by"),
                row.getObject("expires_at", OffsetDateTime.class).toInstant(),
                used(row),
                row.getObject("node_id", UUID.class));
    }

    private static @Nullable Instant used(ResultSet row) throws SQLException {
        OffsetDateTime time = row.getObject("used_at", OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
