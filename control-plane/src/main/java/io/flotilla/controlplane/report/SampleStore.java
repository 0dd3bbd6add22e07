package io.flotilla.controlplane.report;

import io.flotilla.protocol.Codec;
import io.flotilla.protocol.NodeSample;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the samples' ring. */
@Repository
class SampleStore {

    static final int SLOTS = 1440;
    static final int SECONDS = 15;

    private final JdbcClient jdbc;

    SampleStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void put(UUID node, NodeSample sample) {
        jdbc.sql("""
            INSERT INTO node_samples (node_id, slot, at, sample) VALUES (:node, :slot, :at, :sample::jsonb)
            ON CONFLICT (node_id, slot) DO UPDATE SET at = excluded.at, sample = excluded.sample\
            """)
                .param("node", node)
                .param("slot", Math.floorMod(sample.time().getEpochSecond() / SECONDS, SLOTS))
                .param("at", sample.time().atOffset(ZoneOffset.UTC))
                .param("sample", Codec.encode(sample))
                .update();
    }

    /** The oldest first. */
    List<NodeSample> since(UUID node, Instant since) {
        return jdbc.sql("SELECT sample FROM node_samples WHERE node_id = :node AND at >= :since ORDER BY at")
                .param("node", node)
                .param("since", since.atOffset(ZoneOffset.UTC))
                .query((row, number) -> Codec.decode(row.getString(1), NodeSample.class))
                .list();
    }

    /** Only one allocation's readings, the oldest first. */
    List<Metrics.Reading> since(UUID node, UUID allocation, Instant since) {
        return jdbc.sql("""
            SELECT at, jsonb_path_query_first(sample, '$.containers[*] ? (@.allocationId == $id)',
              jsonb_build_object('id', :allocation::text)) AS reading
            FROM node_samples WHERE node_id = :node AND at >= :since
              AND sample @> jsonb_build_object('containers',
                jsonb_build_array(jsonb_build_object('allocationId', :allocation::text)))
            ORDER BY at\
            """)
                .param("node", node)
                .param("allocation", allocation.toString())
                .param("since", since.atOffset(ZoneOffset.UTC))
                .query((row, number) -> new Metrics.Reading(
                        row.getObject("at", java.time.OffsetDateTime.class).toInstant(),
                        Codec.decode(row.getString("reading"), NodeSample.Container.class)))
                .list();
    }
}
