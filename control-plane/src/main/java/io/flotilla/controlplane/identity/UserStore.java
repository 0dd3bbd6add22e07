package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.actor.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the users. */
@Repository
class UserStore {

    private static final String COLUMNS = """
            SELECT u.id, u.name, u.display_name, u.role, u.disabled_at, u.created_at, u.last_login_at,
              ARRAY(SELECT t.name FROM team_members m JOIN teams t ON t.id = m.team_id
                    WHERE m.user_id = u.id ORDER BY t.name) AS teams
            FROM users u""";

    /** What is needed to check a password. */
    record Credentials(UUID id, String passwordHash, boolean disabled) {}

    private final JdbcClient jdbc;

    UserStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<User> all() {
        return jdbc.sql(COLUMNS + " ORDER BY u.name").query(UserStore::user).list();
    }

    Optional<User> find(UUID id) {
        return jdbc.sql(COLUMNS + " WHERE u.id = :id")
                .param("id", id)
                .query(UserStore::user)
                .optional();
    }

    Optional<User> findByName(String name) {
        return jdbc.sql(COLUMNS + " WHERE u.name = :name")
                .param("name", name)
                .query(UserStore::user)
                .optional();
    }

    Optional<Credentials> credentials(String name) {
        return jdbc.sql("SELECT id, password_hash, disabled_at FROM users WHERE name = :name")
                .param("name", name)
                .query((row, number) ->
                        new Credentials(row.getObject(1, UUID.class), row.getString(2), row.getTimestamp(3) != null))
                .optional();
    }

    Set<UUID> teamsOf(UUID user) {
        return new HashSet<>(jdbc.sql("SELECT team_id FROM team_members WHERE user_id = :user")
                .param("user", user)
                .query(UUID.class)
                .list());
    }

    /** False if the name is taken. */
    boolean insert(UUID id, String name, String displayName, Role role, String passwordHash, Instant now) {
        return jdbc.sql("""
                INSERT INTO users (id, name, display_name, role, password_hash, created_at)
                VALUES (:id, :name, :displayName, :role, :hash, :now) ON CONFLICT (name) DO NOTHING""")
                        .param("id", id)
                        .param("name", name)
                        .param("displayName", displayName)
                        .param("role", role.word())
                        .param("hash", passwordHash)
                        .param("now", now.atOffset(ZoneOffset.UTC))
                        .update()
                == 1;
    }

    void update(UUID id, String displayName, Role role, boolean disabled, Instant now) {
        jdbc.sql("""
                UPDATE users SET display_name = :displayName, role = :role,
                  disabled_at = CASE WHEN :disabled THEN coalesce(disabled_at, :now) END
                WHERE id = :id""")
                .param("id", id)
                .param("displayName", displayName)
                .param("role", role.word())
                .param("disabled", disabled)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .update();
    }

    void setPassword(UUID id, String hash) {
        jdbc.sql("UPDATE users SET password_hash = :hash WHERE id = :id")
                .param("id", id)
                .param("hash", hash)
                .update();
    }

    void loggedIn(UUID id, Instant now) {
        jdbc.sql("UPDATE users SET last_login_at = :now WHERE id = :id")
                .param("id", id)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Locks every enabled administrator, so that two of them cannot disable each other at the same time. */
    Set<UUID> lockAdministrators() {
        return new HashSet<>(
                jdbc.sql("SELECT id FROM users WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id FOR UPDATE")
                        .query(UUID.class)
                        .list());
    }

    private static User user(ResultSet row, int number) throws SQLException {
        return new User(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("display_name"),
                Role.of(row.getString("role")),
                List.of((String[]) row.getArray("teams").getArray()),
                row.getTimestamp("disabled_at") != null,
                row.getTimestamp("created_at").toInstant(),
                instant(row.getTimestamp("last_login_at")));
    }

    static @Nullable Instant instant(@Nullable Timestamp time) {
        return time == null ? null : time.toInstant();
    }
}
