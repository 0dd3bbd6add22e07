package io.flotilla.controlplane.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the browser sessions. */
@Repository
class SessionStore {

    /** A session whose user may still sign in. */
    record Live(UUID session, UUID user, String name, String role, Instant lastSeenAt) {}

    private final JdbcClient jdbc;

    SessionStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(UUID id, byte[] tokenHash, UUID user, Instant now, Duration life, String source, String userAgent) {
        jdbc.sql("""
                INSERT INTO browser_sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at, source, user_agent)
                VALUES (:id, :hash, :user, :now, :now, :expires, :source, :agent)""")
                .param("id", id)
                .param("hash", tokenHash)
                .param("user", user)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("expires", now.plus(life).atOffset(ZoneOffset.UTC))
                .param("source", source)
                .param("agent", userAgent)
                .update();
    }

    Optional<Live> find(byte[] tokenHash, Instant now, Duration idle) {
        return jdbc.sql("""
                SELECT s.id, u.id, u.name, u.role, s.last_seen_at FROM browser_sessions s JOIN users u ON u.id = s.user_id
                WHERE s.token_hash = :hash AND s.expires_at > :now AND s.last_seen_at > :idleSince AND u.disabled_at IS NULL""")
                .param("hash", tokenHash)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("idleSince", now.minus(idle).atOffset(ZoneOffset.UTC))
                .query((row, number) -> new Live(
                        row.getObject(1, UUID.class),
                        row.getObject(2, UUID.class),
                        row.getString(3),
                        row.getString(4),
                        row.getTimestamp(5).toInstant()))
                .optional();
    }

    void seen(UUID id, Instant now) {
        jdbc.sql("UPDATE browser_sessions SET last_seen_at = :now WHERE id = :id")
                .param("id", id)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .update();
    }

    boolean delete(byte[] tokenHash) {
        return jdbc.sql("DELETE FROM browser_sessions WHERE token_hash = :hash")
                        .param("hash", tokenHash)
                        .update()
                == 1;
    }

    void deleteOf(UUID user) {
        jdbc.sql("DELETE FROM browser_sessions WHERE user_id = :user")
                .param("user", user)
                .update();
    }

    void deleteExpired(Instant now) {
        jdbc.sql("DELETE FROM browser_sessions WHERE expires_at <= :now")
                .param("now", now.atOffset(ZoneOffset.UTC))
                .update();
    }
}
