package io.flotilla.controlplane.image;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the logins at registries. */
@Repository
class RegistryLoginStore {

    private final JdbcClient jdbc;

    RegistryLoginStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<RegistryLogin> all() {
        return jdbc.sql("SELECT * FROM registry_logins ORDER BY registry")
                .query((row, number) -> new RegistryLogin(
                        row.getString("registry"),
                        row.getString("username"),
                        row.getBoolean("insecure"),
                        row.getString("authorities"),
                        List.of((String[]) row.getArray("mirrors").getArray()),
                        row.getObject("changed_at", OffsetDateTime.class).toInstant()))
                .list();
    }

    Optional<RegistryLogin> find(String registry) {
        return all().stream().filter(l -> l.registry().equals(registry)).findFirst();
    }

    Optional<byte[]> secret(String registry) {
        return jdbc.sql("SELECT secret FROM registry_logins WHERE registry = :registry")
                .param("registry", registry)
                .query(byte[].class)
                .optional();
    }

    void put(RegistryLogin login, byte[] secret) {
        jdbc.sql("""
                INSERT INTO registry_logins (registry, username, secret, insecure, authorities, mirrors, changed_at)
                VALUES (:registry, :username, :secret, :insecure, :authorities, :mirrors, :now)
                ON CONFLICT (registry) DO UPDATE
                SET username = :username, secret = :secret, insecure = :insecure, authorities = :authorities,
                    mirrors = :mirrors, changed_at = :now""")
                .param("registry", login.registry())
                .param("username", login.username())
                .param("secret", secret)
                .param("insecure", login.insecure())
                .param("authorities", login.authorities())
                .param("mirrors", login.mirrors().toArray(String[]::new))
                .param("now", login.changed().atOffset(ZoneOffset.UTC))
                .update();
    }

    boolean delete(String registry) {
        return jdbc.sql("DELETE FROM registry_logins WHERE registry = :registry")
                        .param("registry", registry)
                        .update()
                > 0;
    }
}
