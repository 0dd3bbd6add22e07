package io.flotilla.controlplane.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.Descriptor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the images that the control plane keeps. */
@Repository
class ImageStore {

    private final JdbcClient jdbc;

    /** A name and what it means. */
    record TagRow(String repository, String tag, Digest digest, boolean bundled, Instant changed, long bytes) {}

    ImageStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void putBlob(Descriptor blob, Instant now) {
        jdbc.sql("""
                INSERT INTO image_blobs (digest, media_type, bytes, created_at)
                VALUES (:digest, :type, :bytes, :now) ON CONFLICT (digest) DO NOTHING""")
                .param("digest", blob.digest().value())
                .param("type", blob.mediaType())
                .param("bytes", blob.size())
                .param("now", now.atOffset(ZoneOffset.UTC))
                .update();
    }

    void putLink(Digest parent, Digest child) {
        jdbc.sql("INSERT INTO image_links (parent, child) VALUES (:parent, :child) ON CONFLICT DO NOTHING")
                .param("parent", parent.value())
                .param("child", child.value())
                .update();
    }

    void putTag(String repository, String tag, Digest digest, boolean bundled, Instant now) {
        jdbc.sql("""
                INSERT INTO image_tags (repository, tag, digest, bundled, changed_at)
                VALUES (:repository, :tag, :digest, :bundled, :now)
                ON CONFLICT (repository, tag)
                DO UPDATE SET digest = :digest, bundled = :bundled, changed_at = :now""")
                .param("repository", repository)
                .param("tag", tag)
                .param("digest", digest.value())
                .param("bundled", bundled)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .update();
    }

    boolean deleteTag(String repository, String tag) {
        return jdbc.sql("DELETE FROM image_tags WHERE repository = :repository AND tag = :tag")
                        .param("repository", repository)
                        .param("tag", tag)
                        .update()
                > 0;
    }

    private static final String TAGS = """
            SELECT t.*, (
              WITH RECURSIVE parts (digest) AS (
                SELECT t.digest UNION SELECT l.child FROM image_links l JOIN parts p ON l.parent = p.digest)
              SELECT sum(b.bytes) FROM parts p JOIN image_blobs b USING (digest)) AS total
            FROM image_tags t""";

    List<TagRow> tags() {
        return jdbc.sql(TAGS + " ORDER BY repository, tag")
                .query(ImageStore::tag)
                .list();
    }

    Optional<TagRow> tag(String repository, String tag) {
        return jdbc.sql(TAGS + " WHERE repository = :repository AND tag = :tag")
                .param("repository", repository)
                .param("tag", tag)
                .query(ImageStore::tag)
                .optional();
    }

    private static TagRow tag(ResultSet row, int number) throws SQLException {
        return new TagRow(
                row.getString("repository"),
                row.getString("tag"),
                new Digest(row.getString("digest")),
                row.getBoolean("bundled"),
                row.getObject("changed_at", OffsetDateTime.class).toInstant(),
                row.getLong("total"));
    }

    /** Content by digest, whatever its image is called. */
    Optional<Descriptor> blob(Digest digest) {
        return jdbc.sql("SELECT * FROM image_blobs WHERE digest = :digest")
                .param("digest", digest.value())
                .query((row, number) -> new Descriptor(
                        row.getString("media_type"), new Digest(row.getString("digest")), row.getLong("bytes")))
                .optional();
    }

    /**
     * Forgets content that no name and no revision of a workload leads to: a revision runs its digest for ever, also when
     * the name has come to mean something else. The files may be deleted once the transaction is committed.
     */
    List<Digest> deleteUnreachable() {
        List<Digest> unreachable = jdbc.sql("""
                WITH RECURSIVE parts (digest) AS (
                  SELECT digest FROM image_tags
                  UNION SELECT spec->>'digest' FROM revisions
                  UNION SELECT l.child FROM image_links l JOIN parts p ON l.parent = p.digest)
                SELECT digest FROM image_blobs
                WHERE digest NOT IN (SELECT digest FROM parts WHERE digest IS NOT NULL)""")
                .query((row, number) -> new Digest(row.getString("digest")))
                .list();
        for (String table : List.of("image_links WHERE parent", "image_blobs WHERE digest")) {
            for (Digest digest : unreachable) {
                jdbc.sql("DELETE FROM " + table + " = :digest")
                        .param("digest", digest.value())
                        .update();
            }
        }
        return unreachable;
    }

    /** One import or deletion at a time: a deletion must not take content that an import has just found to be there. */
    void lock() {
        jdbc.sql("SELECT pg_advisory_xact_lock(hashtext('flotilla images'))").query(rs -> {});
    }
}
