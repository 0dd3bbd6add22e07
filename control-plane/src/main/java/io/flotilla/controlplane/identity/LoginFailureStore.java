package io.flotilla.controlplane.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the memory of wrong passwords. */
@Repository
class LoginFailureStore {

    private final JdbcClient jdbc;

    LoginFailureStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The latest time until which any of the subjects is blocked. */
    Optional<Instant> blockedUntil(List<String> subjects, Instant now) {
        return jdbc.sql("SELECT blocked_until FROM login_failures WHERE subject IN (:subjects) AND blocked_until > :now"
                        + " ORDER BY blocked_until DESC LIMIT 1")
                .param("subjects", subjects)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query((row, number) -> row.getTimestamp(1).toInstant())
                .optional();
    }

    /** Counts one more; failures older than the memory are forgotten first. Returns the count. */
    int fail(String subject, Instant now, Duration memory) {
        return jdbc.sql("""
                INSERT INTO login_failures AS f (subject, failures, last_at, blocked_until) VALUES (:subject, 1, :now, :now)
                ON CONFLICT (subject) DO UPDATE SET last_at = :now,
                  failures = CASE WHEN f.last_at < :forgetBefore THEN 1 ELSE least(f.failures, 1000000) + 1 END
                RETURNING failures""")
                .param("subject", subject)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("forgetBefore", now.minus(memory).atOffset(ZoneOffset.UTC))
                .query(Integer.class)
                .single();
    }

    void block(String subject, Instant until) {
        jdbc.sql("UPDATE login_failures SET blocked_until = :until WHERE subject = :subject")
                .param("subject", subject)
                .param("until", until.atOffset(ZoneOffset.UTC))
                .update();
    }

    void forget(List<String> subjects) {
        jdbc.sql("DELETE FROM login_failures WHERE subject IN (:subjects)")
                .param("subjects", subjects)
                .update();
    }

    void forgetBefore(Instant time) {
        jdbc.sql("DELETE FROM login_failures WHERE last_at < :time")
                .param("time", time.atOffset(ZoneOffset.UTC))
                .update();
    }
}
