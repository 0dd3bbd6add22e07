package io.flotilla.controlplane.recording;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.json.JsonMapper;

/** SQL of recordings. */
@Repository
class RecordingStore {

    private final JdbcClient jdbc;
    private final JsonMapper mapper;

    RecordingStore(JdbcClient jdbc, JsonMapper mapper) {
        this.jdbc = jdbc;
        this.mapper = mapper;
    }

    void insert(Recording begun) {
        jdbc.sql("""
                INSERT INTO recordings (id, allocation_id, allocation_name, team_id, actor_id, actor_kind, actor_name,
                  source, command, run_as, keeper, started_at)
                VALUES (:id, :allocationId, :allocation, :team, :actorId, :actorKind, :actor, :source,
                  CAST(:command AS jsonb), :runAs, :keeper, :startedAt)""")
                .param("id", begun.id())
                .param("allocationId", begun.allocationId())
                .param("allocation", begun.allocation())
                .param("team", begun.teamId())
                .param("actorId", begun.actorId())
                .param("actorKind", begun.actorKind())
                .param("actor", begun.actor())
                .param("source", begun.source())
                .param("command", begun.command() == null ? null : mapper.writeValueAsString(begun.command()))
                .param("runAs", begun.runAs())
                .param("keeper", begun.keeper())
                .param("startedAt", begun.startedAt().atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Whether it was alive until now. */
    boolean end(Recording ended) {
        Instant at = ended.endedAt();
        Ending ending = ended.ending();
        if (at == null || ending == null) {
            throw new IllegalArgumentException("recording " + ended.id() + " has not ended");
        }
        return jdbc.sql("""
                        UPDATE recordings SET ended_at = :at, ending = :ending, exit_code = :code, bytes = :bytes,
                          sha256 = :sha256, flaw = :flaw
                        WHERE id = :id AND ended_at IS NULL""")
                        .param("id", ended.id())
                        .param("at", at.atOffset(ZoneOffset.UTC))
                        .param("ending", ending.word())
                        .param("code", ended.exitCode())
                        .param("bytes", ended.bytes())
                        .param("sha256", ended.sha256())
                        .param("flaw", ended.flaw())
                        .update()
                == 1;
    }

    boolean removed(UUID id, Instant now) {
        return jdbc.sql("UPDATE recordings SET removed_at = :now WHERE id = :id AND removed_at IS NULL")
                        .param("id", id)
                        .param("now", now.atOffset(ZoneOffset.UTC))
                        .update()
                == 1;
    }

    Optional<Recording> find(UUID id) {
        return jdbc.sql("SELECT * FROM recordings WHERE id = :id")
                .param("id", id)
                .query(this::recording)
                .optional();
    }

    /** Newest first. */
    List<Recording> list(@Nullable UUID before, int limit) {
        return jdbc.sql("""
                        SELECT * FROM recordings WHERE CAST(:before AS uuid) IS NULL OR id < :before
                        ORDER BY id DESC LIMIT :limit""")
                .param("before", before)
                .param("limit", limit)
                .query(this::recording)
                .list();
    }

    List<Recording> alive(UUID keeper) {
        return jdbc.sql("SELECT * FROM recordings WHERE keeper = :keeper AND ended_at IS NULL")
                .param("keeper", keeper)
                .query(this::recording)
                .list();
    }

    /** Newest first. */
    List<Retention.Held> held(UUID keeper) {
        return jdbc.sql("""
                        SELECT id, ended_at, bytes FROM recordings
                        WHERE keeper = :keeper AND ended_at IS NOT NULL AND removed_at IS NULL AND sha256 IS NOT NULL
                        ORDER BY ended_at DESC, id DESC""")
                .param("keeper", keeper)
                .query((row, number) -> new Retention.Held(
                        row.getObject(1, UUID.class), row.getTimestamp(2).toInstant(), row.getLong(3)))
                .list();
    }

    private Recording recording(ResultSet row, int number) throws SQLException {
        String command = row.getString("command");
        String ending = row.getString("ending");
        return new Recording(
                row.getObject("id", UUID.class),
                row.getObject("allocation_id", UUID.class),
                row.getString("allocation_name"),
                row.getObject("team_id", UUID.class),
                row.getObject("actor_id", UUID.class),
                row.getString("actor_kind"),
                row.getString("actor_name"),
                row.getString("source"),
                command == null ? null : List.of(mapper.readValue(command, String[].class)),
                row.getString("run_as"),
                row.getObject("keeper", UUID.class),
                row.getTimestamp("started_at").toInstant(),
                time(row.getTimestamp("ended_at")),
                ending == null ? null : Ending.of(ending),
                row.getObject("exit_code", Integer.class),
                row.getLong("bytes"),
                row.getString("sha256"),
                row.getString("flaw"),
                time(row.getTimestamp("removed_at")));
    }

    private static @Nullable Instant time(@Nullable Timestamp stamp) {
        return stamp == null ? null : stamp.toInstant();
    }
}
