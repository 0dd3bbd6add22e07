package io.flotilla.controlplane.report;

import io.flotilla.protocol.AllocEvent;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.Codec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL that takes in events. */
@Repository
class EventStore {

    /** What an event meets. */
    record Met(UUID workload, AllocStatus status) {}

    private final JdbcClient jdbc;

    EventStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Locks the node's row, whose reservations events change; returns up to which number its events are stored. */
    long lockNode(UUID node) {
        return jdbc.sql("SELECT event_seq FROM nodes WHERE id = :id FOR NO KEY UPDATE")
                .param("id", node)
                .query(Long.class)
                .single();
    }

    void stored(UUID node, long seq) {
        jdbc.sql("UPDATE nodes SET event_seq = greatest(event_seq, :seq) WHERE id = :id")
                .param("id", node)
                .param("seq", seq)
                .update();
    }

    /** Empty if this node has no such allocation. */
    Optional<Met> meet(UUID node, UUID allocation) {
        return jdbc.sql("SELECT workload_id, status FROM allocations WHERE id = :id AND node_id = :node FOR UPDATE")
                .param("id", allocation)
                .param("node", node)
                .query((row, number) -> new Met(row.getObject(1, UUID.class), AllocStatus.of(row.getString(2))))
                .optional();
    }

    /** False if it was stored before. */
    boolean remember(UUID node, AllocEvent event) {
        return jdbc.sql("""
            INSERT INTO allocation_events (node_id, seq, allocation_id, at, attempt, status, exit_code,
              exit_unknown, oom_killed, reason)
            VALUES (:node, :seq, :allocation, :at, :attempt, :status, :code, :unknown, :oom, :reason)
            ON CONFLICT DO NOTHING\
            """)
                        .param("node", node)
                        .param("seq", event.seq())
                        .param("allocation", event.allocationId())
                        .param("at", event.time().atOffset(ZoneOffset.UTC))
                        .param("attempt", event.attempt())
                        .param("status", event.status().word())
                        .param("code", event.exitCode())
                        .param("unknown", event.exitUnknown() && event.exitCode() == null)
                        .param("oom", event.oomKilled())
                        .param("reason", text(event.reason()))
                        .update()
                == 1;
    }

    /**
     * Applies it unless a later one was applied before. A status that the machine forbids is left as it is; the facts and
     * the end still count.
     */
    void apply(AllocEvent event, AllocStatus next) {
        boolean ends = event.removed() || event.status().isFinal();
        jdbc.sql("""
            UPDATE allocations SET seq = :seq, attempt = :attempt, status = :status,
              status_at = CASE WHEN status = :status THEN status_at ELSE now() END,
              exit_code = :code, exit_unknown = :unknown, oom_killed = :oom,
              reason = CASE WHEN :status = 'lost' OR (:reason::text IS NULL AND :status IN ('stopping', 'stopped'))
                THEN reason ELSE :reason::text END,
              retry_at = now() + make_interval(secs => :pause),
              ports = CASE WHEN :ports::jsonb = '[]' THEN ports ELSE :ports::jsonb END,
              address = CASE WHEN :ends THEN NULL ELSE coalesce(:address, address) END,
              running_at = CASE WHEN :status = 'running' THEN coalesce(running_at, now()) ELSE running_at END,
              ended = ended OR :ends,
              ended_at = CASE WHEN :ends THEN coalesce(ended_at, now()) ELSE ended_at END,
              removed = removed OR :removed
            WHERE id = :id AND seq < :seq\
            """)
                .param("id", event.allocationId())
                .param("seq", event.seq())
                .param("attempt", event.attempt())
                .param("status", next.word())
                .param("code", event.exitCode())
                .param("unknown", event.exitUnknown() && event.exitCode() == null)
                .param("oom", event.oomKilled())
                .param("reason", text(event.reason()))
                .param("pause", pause(event))
                .param("ports", Codec.encode(event.ports()))
                .param("address", event.address())
                .param("ends", ends)
                .param("removed", event.removed())
                .update();
    }

    /** In seconds; a length instead of a moment, since the node's clock is its own. */
    private static @Nullable Double pause(AllocEvent event) {
        Instant due = event.retryAt();
        return due == null ? null : Duration.between(event.time(), due).toMillis() / 1000.0;
    }

    /** PostgreSQL's text cannot hold U+0000; a node must not be stopped by what a container wrote. */
    private static @Nullable String text(@Nullable String value) {
        return value == null ? null : value.replace('\0', '\uFFFD');
    }
}
