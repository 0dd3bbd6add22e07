package io.flotilla.controlplane.audit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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

    /** The end of the chain, without locking it. */
    AuditHead head() {
        return jdbc.sql("SELECT seq, hash FROM audit_head")
                .query((row, number) ->
                        new AuditHead(row.getLong(1), HexFormat.of().formatHex(row.getBytes(2))))
                .single();
    }

    /** Oldest first. */
    List<AuditEntry> after(long seq, int limit) {
        return jdbc.sql("SELECT * FROM audit_entries WHERE seq > :seq ORDER BY seq LIMIT :limit")
                .param("seq", seq)
                .param("limit", limit)
                .query(AuditStore::entry)
                .list();
    }

    /** Newest first. */
    List<AuditEntry> find(AuditQuery query, @Nullable Long before, int limit) {
        List<String> conditions = new ArrayList<>(List.of("true"));
        Map<String, Object> params = new HashMap<>(Map.of("limit", limit));
        add(conditions, params, "seq < :before", "before", before);
        add(conditions, params, "actor_name = :actor", "actor", query.actor());
        add(conditions, params, "action LIKE :action", "action", pattern(query.action()));
        add(conditions, params, "(target_id = :target OR target_name = :target)", "target", query.target());
        add(conditions, params, "result = :result", "result", query.result());
        add(conditions, params, "at >= :from", "from", time(query.from()));
        add(conditions, params, "at < :to", "to", time(query.to()));
        String text = query.text() == null ? null : "%" + escaped(query.text()) + "%";
        add(conditions, params, """
                concat_ws(' ', actor_name, source, action, target_kind, target_id, target_name, reason, before, after)
                ILIKE :text""", "text", text);
        return jdbc.sql("SELECT * FROM audit_entries WHERE " + String.join(" AND ", conditions)
                        + " ORDER BY seq DESC LIMIT :limit")
                .params(params)
                .query(AuditStore::entry)
                .list();
    }

    private static void add(
            List<String> conditions,
            Map<String, Object> params,
            String condition,
            String name,
            @Nullable Object value) {
        if (value != null) {
            conditions.add(condition);
            params.put(name, value);
        }
    }

    private static @Nullable String pattern(@Nullable String action) {
        if (action == null) {
            return null;
        }
        return action.endsWith("*") ? escaped(action.substring(0, action.length() - 1)) + "%" : escaped(action);
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("%", "\\%")
                .replace("_", "\\_")
                .replace("\0", "");
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    private static AuditEntry entry(ResultSet row, int number) throws SQLException {
        return new AuditEntry(
                row.getLong("seq"),
                row.getTimestamp("at").toInstant(),
                row.getString("actor_kind"),
                row.getString("actor_id"),
                row.getString("actor_name"),
                row.getString("source"),
                row.getString("action"),
                row.getString("target_kind"),
                row.getString("target_id"),
                row.getString("target_name"),
                row.getString("team_id"),
                row.getString("result"),
                row.getString("reason"),
                row.getString("before"),
                row.getString("after"),
                HexFormat.of().formatHex(row.getBytes("hash")));
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
