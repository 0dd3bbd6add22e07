package io.flotilla.controlplane.audit;

import java.time.ZoneOffset;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the audit log. */
@Repository
class AuditStore {

    private final JdbcClient jdbc;

    AuditStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Locks the head until the transaction ends. */
    AuditHead append(AuditEntry.Draft entry) {
        return jdbc.sql("""
                SELECT new_seq, new_hash FROM audit_append(:at, :actorKind, :actorId, :actor, :source, :action,
                  :targetKind, :targetId, :target, :team, :result, :reason, :before, :after)""")
                .param("at", entry.time().atOffset(ZoneOffset.UTC))
                .param("actorKind", text(entry.actorKind()))
                .param("actorId", text(entry.actorId()))
                .param("actor", text(entry.actor()))
                .param("source", text(entry.source()))
                .param("action", text(entry.action()))
                .param("targetKind", text(entry.targetKind()))
                .param("targetId", text(entry.targetId()))
                .param("target", text(entry.target()))
                .param("team", text(entry.team()))
                .param("result", text(entry.result()))
                .param("reason", text(entry.reason()))
                .param("before", text(entry.before()))
                .param("after", text(entry.after()))
                .query((row, number) ->
                        new AuditHead(row.getLong(1), HexFormat.of().formatHex(row.getBytes(2))))
                .single();
    }

    /** The HMAC key of {@link Masking}; the same for every replica. */
    byte[] maskingKey() {
        return jdbc.sql("SELECT masking_key FROM installation")
                .query(byte[].class)
                .single();
    }

    /** PostgreSQL's text cannot hold U+0000; what a caller smuggled in must not make the refusal unwritable. */
    private static @Nullable String text(@Nullable String value) {
        return value == null ? null : value.replace('\0', '\uFFFD');
    }
}
