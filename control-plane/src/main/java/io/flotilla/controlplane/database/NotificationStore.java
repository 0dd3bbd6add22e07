package io.flotilla.controlplane.database;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Stores and sends hints: with the commit of the running transaction, never if it is rolled back. */
@Repository
public class NotificationStore {

    private final JdbcClient jdbc;

    NotificationStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param topic a word without a colon
     * @param payload ids only, at most 7,900 bytes (PostgreSQL's limit is 8,000)
     */
    public void send(String topic, String payload) {
        jdbc.sql("""
            WITH change AS (INSERT INTO changes (kind, thing) VALUES (:topic, :payload) RETURNING seq)
            SELECT pg_notify('flotilla', :topic || ':' || seq || ':' || :payload) FROM change\
            """)
                .param("topic", topic)
                .param("payload", payload)
                .query((row, number) -> true)
                .single();
    }
}
