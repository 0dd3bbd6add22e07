package io.flotilla.controlplane.image;

import io.flotilla.protocol.Digest;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of where content was pushed to. */
@Repository
class PushStore {

    private final JdbcClient jdbc;

    PushStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Another repository of the registry that should have the content. */
    Optional<String> elsewhere(String registry, Digest digest, String repository) {
        return jdbc.sql("""
                SELECT repository FROM image_places
                WHERE registry = :registry AND digest = :digest AND repository <> :repository
                ORDER BY repository LIMIT 1""")
                .param("registry", registry)
                .param("digest", digest.value())
                .param("repository", repository)
                .query(String.class)
                .optional();
    }

    void put(String registry, String repository, List<Digest> digests) {
        for (Digest digest : digests) {
            jdbc.sql("""
                    INSERT INTO image_places (registry, repository, digest)
                    VALUES (:registry, :repository, :digest) ON CONFLICT DO NOTHING""")
                    .param("registry", registry)
                    .param("repository", repository)
                    .param("digest", digest.value())
                    .update();
        }
    }
}
