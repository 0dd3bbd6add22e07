package io.flotilla.controlplane.node;

import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the control plane's own row. */
@Repository
class ControlPlaneStore {

    @SuppressWarnings("ArrayRecordComponent") // Handed on at once, never compared.
    record Row(UUID id, byte[] privateKey, byte[] publicKey) {}

    private final JdbcClient jdbc;

    ControlPlaneStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void createIfAbsent(UUID id, byte[] privateKey, byte[] publicKey) {
        jdbc.sql("""
            INSERT INTO control_plane (id, private_key, public_key, incarnation, created_at)
            VALUES (:id, :private, :public, 1, now()) ON CONFLICT DO NOTHING\
            """)
                .param("id", id)
                .param("private", privateKey)
                .param("public", publicKey)
                .update();
    }

    Row get() {
        return jdbc.sql("SELECT id, private_key, public_key FROM control_plane")
                .query((row, number) -> new Row(row.getObject(1, UUID.class), row.getBytes(2), row.getBytes(3)))
                .single();
    }

    /** Raises the incarnation above one that a node knows and this database does not. */
    void raiseIncarnationAbove(long incarnation) {
        jdbc.sql("UPDATE control_plane SET incarnation = :next WHERE incarnation < :next")
                .param("next", incarnation + 1)
                .update();
    }
}
