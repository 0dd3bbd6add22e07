package io.flotilla.controlplane.node;

import io.flotilla.controlplane.schedule.Size;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.NodeFacts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of nodes, their beats and their events. */
@Repository
class NodeStore {

    /** What a handshake needs to know. */
    record Key(String name, Bytes publicKey, boolean revoked) {}

    /** A node as it stands in the database. */
    record Row(NodeView view, @Nullable Long silentMillis) {}

    private static final String SELECT = """
        SELECT n.*, b.heard_at, (extract(epoch FROM now() - b.heard_at) * 1000)::bigint AS silent_millis,
          (SELECT count(*) FROM allocations a WHERE a.node_id = n.id AND NOT a.ended) AS allocations
        FROM nodes n LEFT JOIN node_beats b ON b.node_id = n.id
        """;

    private final JdbcClient jdbc;

    NodeStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<Row> list() {
        return jdbc.sql(SELECT + " WHERE n.revoked_at IS NULL ORDER BY n.name")
                .query(NodeStore::row)
                .list();
    }

    Optional<Row> find(UUID id) {
        return jdbc.sql(SELECT + " WHERE n.id = :id")
                .param("id", id)
                .query(NodeStore::row)
                .optional();
    }

    private static Row row(ResultSet row, int number) throws SQLException {
        boolean never = row.getObject("heard_at") == null;
        Long silent = never ? null : row.getLong("silent_millis");
        NodeView view = new NodeView(
                row.getObject("id", UUID.class),
                row.getString("name"),
                NodeStatus.JOINING,
                Codec.decode(row.getString("facts"), NodeFacts.class),
                labels(row.getString("labels")),
                new Size(row.getLong("cpu_millis"), row.getLong("memory_bytes")),
                new Size(row.getLong("reserved_cpu_millis"), row.getLong("reserved_memory_bytes")),
                row.getInt("allocations"),
                instant(row, "heard_at"),
                silent,
                row.getLong("generation"),
                row.getLong("accepted_generation"),
                Arrays.asList(Codec.decode(row.getString("quarantined"), UUID[].class)),
                java.util.Objects.requireNonNull(instant(row, "created_at")),
                instant(row, "cordoned_at"),
                instant(row, "draining_at"),
                instant(row, "lost_at"),
                instant(row, "fenced_at"),
                instant(row, "revoked_at"));
        return new Row(view, silent);
    }

    @SuppressWarnings("unchecked") // The column is an object of strings by its comment.
    private static Map<String, String> labels(String json) {
        return Codec.decode(json, Map.class);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    boolean nameTaken(String name) {
        return jdbc.sql("SELECT EXISTS (SELECT 1 FROM nodes WHERE name = :name AND revoked_at IS NULL)")
                .param("name", name)
                .query(Boolean.class)
                .single();
    }

    boolean keyKnown(Bytes publicKey) {
        return jdbc.sql("SELECT EXISTS (SELECT 1 FROM nodes WHERE public_key = :key)")
                .param("key", publicKey.array())
                .query(Boolean.class)
                .single();
    }

    /** Enrolments make names one after the other, so that two hosts of one name do not meet. */
    void lockNames() {
        jdbc.sql("SELECT pg_advisory_xact_lock(hashtext('flotilla node names'))")
                .query((row, number) -> true)
                .single();
    }

    void insert(UUID id, String name, Bytes publicKey, NodeFacts facts) {
        jdbc.sql("""
            INSERT INTO nodes (id, name, public_key, facts, arch, cpu_millis, memory_bytes, created_at)
            VALUES (:id, :name, :key, :facts::jsonb, :arch, :cpu, :memory, now())\
            """)
                .param("id", id)
                .param("name", name)
                .param("key", publicKey.array())
                .param("facts", Codec.encode(facts))
                .param("arch", facts.arch())
                .param("cpu", facts.cpuMillis())
                .param("memory", facts.memoryBytes())
                .update();
    }

    Optional<Key> key(UUID id) {
        return jdbc.sql("SELECT name, public_key, revoked_at IS NOT NULL AS revoked FROM nodes WHERE id = :id")
                .param("id", id)
                .query((row, number) ->
                        new Key(row.getString("name"), Bytes.of(row.getBytes("public_key")), row.getBoolean("revoked")))
                .optional();
    }

    /** A host that says it has less than is reserved on it keeps what is reserved: the CHECK must hold. */
    void facts(UUID id, NodeFacts facts) {
        jdbc.sql("""
            UPDATE nodes SET facts = :facts::jsonb, arch = :arch, fenced_at = NULL,
              cpu_millis = greatest(:cpu, reserved_cpu_millis),
              memory_bytes = greatest(:memory, reserved_memory_bytes) WHERE id = :id\
            """)
                .param("id", id)
                .param("facts", Codec.encode(facts))
                .param("arch", facts.arch())
                .param("cpu", facts.cpuMillis())
                .param("memory", facts.memoryBytes())
                .update();
    }

    /** Quarantine is what the node found unknown; nothing is decided by it. Returns whether it changed. */
    boolean quarantined(UUID id, List<UUID> allocations) {
        return jdbc.sql("""
            UPDATE nodes SET quarantined = :ids::jsonb WHERE id = :id AND quarantined <> :ids::jsonb\
            """)
                        .param("id", id)
                        .param("ids", Codec.encode(allocations))
                        .update()
                > 0;
    }

    void accepted(UUID id, long incarnation, long generation) {
        jdbc.sql("""
            UPDATE nodes SET accepted_incarnation = :incarnation, accepted_generation = :generation
            WHERE id = :id AND (accepted_incarnation, accepted_generation) IS DISTINCT FROM (:incarnation, :generation)\
            """)
                .param("id", id)
                .param("incarnation", incarnation)
                .param("generation", generation)
                .update();
    }

    /** Makes the next NodeSpec newer than one that the node refused. */
    void raiseGenerationAbove(UUID id, long generation) {
        jdbc.sql("UPDATE nodes SET generation = greatest(generation, :generation) + 1 WHERE id = :id")
                .param("id", id)
                .param("generation", generation)
                .update();
    }

    /** Locks the row; empty if there is no such node. */
    Optional<Row> lock(UUID id) {
        jdbc.sql("SELECT id FROM nodes WHERE id = :id FOR NO KEY UPDATE")
                .param("id", id)
                .query(UUID.class)
                .optional();
        return find(id);
    }

    void cordon(UUID id, boolean cordoned, boolean draining) {
        jdbc.sql("""
            UPDATE nodes SET cordoned_at = CASE WHEN :cordoned THEN coalesce(cordoned_at, now()) END,
              draining_at = CASE WHEN :draining THEN coalesce(draining_at, now()) END WHERE id = :id\
            """)
                .param("id", id)
                .param("cordoned", cordoned)
                .param("draining", draining)
                .update();
    }

    void labels(UUID id, Map<String, String> labels) {
        jdbc.sql("UPDATE nodes SET labels = :labels::jsonb WHERE id = :id")
                .param("id", id)
                .param("labels", Codec.encode(labels))
                .update();
    }

    void revoke(UUID id) {
        jdbc.sql("UPDATE nodes SET revoked_at = now() WHERE id = :id")
                .param("id", id)
                .update();
    }

    void fence(UUID id) {
        jdbc.sql("UPDATE nodes SET fenced_at = now() WHERE id = :id")
                .param("id", id)
                .update();
    }

    /** In a session by itself: no other lock is held, and none is waited for. */
    void beat(Collection<UUID> ids) {
        jdbc.sql("""
            INSERT INTO node_beats (node_id, beat, heard_at)
            SELECT id, 1, now() FROM unnest(:ids::uuid[]) AS id WHERE EXISTS (SELECT 1 FROM nodes n WHERE n.id = id)
            ORDER BY id
            ON CONFLICT (node_id) DO UPDATE SET beat = node_beats.beat + 1, heard_at = now()\
            """).param("ids", ids.toArray(UUID[]::new)).update();
    }

    Map<UUID, Long> beats() {
        Map<UUID, Long> beats = new HashMap<>();
        jdbc.sql("SELECT b.node_id, b.beat FROM node_beats b JOIN nodes n ON n.id = b.node_id WHERE"
                        + " n.revoked_at IS NULL")
                .query((row, number) -> beats.put(row.getObject(1, UUID.class), row.getLong(2)))
                .list();
        return beats;
    }

    void event(UUID id, UUID nodeId, String kind, String detail) {
        jdbc.sql("INSERT INTO node_events (id, node_id, at, kind, detail) VALUES (:id, :node, now(), :kind, :detail)")
                .param("id", id)
                .param("node", nodeId)
                .param("kind", kind)
                .param("detail", detail)
                .update();
        jdbc.sql("""
            DELETE FROM node_events WHERE node_id = :node AND id <
              (SELECT id FROM node_events WHERE node_id = :node ORDER BY id DESC OFFSET 499 LIMIT 1)\
            """).param("node", nodeId).update();
    }

    List<NodeEvent> events(UUID nodeId, int limit) {
        return jdbc.sql("SELECT * FROM node_events WHERE node_id = :node ORDER BY id DESC LIMIT :limit")
                .param("node", nodeId)
                .param("limit", limit)
                .query((row, number) -> new NodeEvent(
                        row.getObject("id", UUID.class),
                        nodeId,
                        java.util.Objects.requireNonNull(instant(row, "at")),
                        row.getString("kind"),
                        row.getString("detail")))
                .list();
    }
}
