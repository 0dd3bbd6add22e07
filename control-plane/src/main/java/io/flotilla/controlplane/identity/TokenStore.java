package io.flotilla.controlplane.identity;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the API tokens. */
@Repository
class TokenStore {

    private static final String COLUMNS = """
            SELECT k.id, k.name, k.hint, u.name AS owner, k.scope, t.name AS team, k.created_at, k.expires_at, k.last_used_at
            FROM api_tokens k LEFT JOIN users u ON u.id = k.user_id LEFT JOIN teams t ON t.id = k.team_id
            WHERE k.revoked_at IS NULL""";

    /** A token that is good now; owner facts are null for local root's. */
    record Live(
            UUID id,
            String name,
            ApiToken.Scope scope,
            @Nullable UUID team,
            @Nullable UUID owner,
            @Nullable String ownerName,
            @Nullable String ownerRole,
            @Nullable Instant lastUsedAt) {}

    private final JdbcClient jdbc;

    TokenStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<ApiToken> all() {
        return jdbc.sql(COLUMNS + " ORDER BY k.created_at DESC")
                .query(TokenStore::token)
                .list();
    }

    List<ApiToken> ofUser(UUID user) {
        return jdbc.sql(COLUMNS + " AND k.user_id = :user ORDER BY k.created_at DESC")
                .param("user", user)
                .query(TokenStore::token)
                .list();
    }

    Optional<ApiToken> find(UUID id) {
        return jdbc.sql(COLUMNS + " AND k.id = :id")
                .param("id", id)
                .query(TokenStore::token)
                .optional();
    }

    void insert(
            UUID id,
            String name,
            byte[] hash,
            String hint,
            @Nullable UUID user,
            ApiToken.Scope scope,
            @Nullable UUID team,
            Instant now,
            @Nullable Instant expires) {
        jdbc.sql("""
                INSERT INTO api_tokens (id, name, token_hash, hint, user_id, scope, team_id, created_at, expires_at)
                VALUES (:id, :name, :hash, :hint, :user, :scope, :team, :now, :expires)""")
                .param("id", id)
                .param("name", name)
                .param("hash", hash)
                .param("hint", hint)
                .param("user", user)
                .param("scope", scope.word())
                .param("team", team)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("expires", time(expires), java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
                .update();
    }

    Optional<Live> live(byte[] hash, Instant now) {
        return jdbc.sql("""
                SELECT k.id, k.name, k.scope, k.team_id, u.id AS owner, u.name AS owner_name, u.role, k.last_used_at
                FROM api_tokens k LEFT JOIN users u ON u.id = k.user_id
                WHERE k.token_hash = :hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now)
                  AND u.disabled_at IS NULL""")
                .param("hash", hash)
                .param("now", time(now))
                .query((row, number) -> new Live(
                        row.getObject("id", UUID.class),
                        row.getString("name"),
                        scope(row.getString("scope")),
                        row.getObject("team_id", UUID.class),
                        row.getObject("owner", UUID.class),
                        row.getString("owner_name"),
                        row.getString("role"),
                        UserStore.instant(row.getTimestamp("last_used_at"))))
                .optional();
    }

    void used(UUID id, Instant now) {
        jdbc.sql("UPDATE api_tokens SET last_used_at = :now WHERE id = :id")
                .param("id", id)
                .param("now", time(now))
                .update();
    }

    boolean revoke(UUID id, Instant now) {
        return jdbc.sql("UPDATE api_tokens SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL")
                        .param("id", id)
                        .param("now", time(now))
                        .update()
                == 1;
    }

    private static ApiToken token(ResultSet row, int number) throws SQLException {
        return new ApiToken(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("hint"),
                row.getString("owner"),
                scope(row.getString("scope")),
                row.getString("team"),
                row.getTimestamp("created_at").toInstant(),
                UserStore.instant(row.getTimestamp("expires_at")),
                UserStore.instant(row.getTimestamp("last_used_at")));
    }

    private static ApiToken.Scope scope(String word) {
        return ApiToken.Scope.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
