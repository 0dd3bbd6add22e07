package io.flotilla.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.database.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public class AuditLogTest {

    @RegisterExtension
    static final TestDatabase database = new TestDatabase();

    private final AuditStore store = new AuditStore(database.jdbc());

    private static Target target(String name) {
        return Target.of("workload", UUID.randomUUID(), name);
    }

    private void record(String name, @Nullable Object before, @Nullable Object after) {
        database.transactions()
                .run(() -> database.audit().record(database.admin(), "workload.scale", target(name), before, after));
    }

    private AuditEntry newest() {
        return store.find(AuditQuery.ALL, null, 1).getFirst();
    }

    @Test
    void writesTheEntryWithTheMutationAndNotWithoutIt() {
        long before = store.head().seq();
        assertThatThrownBy(() -> database.transactions().run(() -> {
                    database.audit().record(Actor.system(), "workload.scale", target("lost"), null, null);
                    throw new IllegalStateException("the mutation fails");
                }))
                .hasMessage("the mutation fails");
        assertThat(store.head().seq()).isEqualTo(before);

        record("kept", null, Map.of("replicas", 2));

        assertThat(store.head().seq()).isEqualTo(before + 1);
        assertThat(newest().target()).isEqualTo("kept");
        assertThat(newest().after()).isEqualTo("{\"replicas\":2}");
    }

    @Test
    void writesARefusalEvenIfTheCallersTransactionIsRolledBack() {
        assertThatThrownBy(() -> database.transactions().run(() -> {
                    database.audit().refused(database.admin(), "workload.scale", target("web"), "no room");
                    throw new IllegalStateException("rolled back");
                }))
                .hasMessage("rolled back");

        assertThat(newest().result()).isEqualTo("refused");
        assertThat(newest().reason()).isEqualTo("no room");
    }

    @Test
    void refusesToRecordOutsideOfATransaction() {
        assertThatThrownBy(() -> database.audit().record(Actor.system(), "workload.scale", target("web"), null, null))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void showsThatAnEnvironmentValueChangedButNotTheValue() {
        Map<String, Object> before = Map.of("env", Map.of("A", "hunter2", "B", "same"), "password", "geheim");
        Map<String, Object> after = Map.of("env", Map.of("A", "hunter3", "B", "same"), "password", "geheim");
        record("web", before, after);

        AuditEntry entry = newest();
        assertThat(entry.before())
                .doesNotContain("hunter")
                .doesNotContain("geheim")
                .contains("\"***\"");
        assertThat(entry.before()).isNotEqualTo(entry.after());
        assertThat(value(entry.before(), "B")).isEqualTo(value(entry.after(), "B"));
        assertThat(value(entry.before(), "A")).isNotEqualTo(value(entry.after(), "A"));
    }

    private static String value(@Nullable String json, String name) {
        return String.valueOf(json).replaceFirst(".*\"" + name + "\":\"([^\"]*)\".*", "$1");
    }

    @Test
    void numbersParallelMutationsWithoutGapsInOneChain() throws Exception {
        long before = store.head().seq();
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                String name = "parallel-" + i;
                all.add(threads.submit(() -> record(name, null, null)));
            }
        }
        for (Future<?> one : all) {
            one.get();
        }

        assertThat(store.head().seq()).isEqualTo(before + 100);
        Verification verification = new Verification(new Heads());
        store.after(0, 1000).forEach(verification::entry);
        assertThat(verification.end(store.head()).findings()).isEmpty();
    }

    @Test
    void keepsWhatJavaAndPostgresCouldSeeDifferently() {
        record("ü 漢 🚀 \" \\ \n \u0000 end", Map.of("k", "ä\u0001"), Map.of());

        Verification verification = new Verification(new Heads());
        store.after(0, 1000).forEach(verification::entry);
        assertThat(verification.end(store.head()).findings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE audit_entries SET reason = 'x'",
                "DELETE FROM audit_entries",
                "TRUNCATE audit_entries",
                "INSERT INTO audit_entries SELECT * FROM audit_entries",
                "UPDATE audit_head SET seq = 0",
                "DELETE FROM audit_head",
                "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
                "DROP TABLE audit_entries",
                "CREATE OR REPLACE FUNCTION audit_field(value text) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea'",
                "UPDATE installation SET masking_key = masking_key",
                "SET ROLE {owner}",
                "DELETE FROM flyway_schema_history",
            })
    void doesNotLetTheApplicationsRoleTouchWhatWasWritten(String attempt) throws SQLException {
        record("web", null, null);
        try (Connection connection = database.asApplication();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(attempt.replace("{owner}", database.owner())))
                    .isInstanceOf(SQLException.class)
                    .extracting(error -> ((SQLException) error).getSQLState())
                    .as(attempt)
                    .isEqualTo("42501");
        }
    }

    @Test
    void findsByActorActionTargetResultTimeAndText() {
        database.transactions()
                .run(() -> database.audit()
                        .record(
                                database.admin(),
                                "node.drain",
                                Target.of("node", UUID.randomUUID(), "alpha_1"),
                                null,
                                null));

        assertThat(store.find(query("action", "node.*"), null, 10)).hasSize(1);
        assertThat(store.find(query("action", "node.drain"), null, 10)).hasSize(1);
        assertThat(store.find(query("action", "node.cordon"), null, 10)).isEmpty();
        assertThat(store.find(query("target", "alpha_1"), null, 10)).hasSize(1);
        assertThat(store.find(query("text", "ALPHA_"), null, 10)).hasSize(1);
        assertThat(store.find(query("text", "alphaX1"), null, 10)).isEmpty();
        assertThat(store.find(query("actor", "nobody"), null, 10)).isEmpty();
    }

    private static AuditQuery query(String name, String value) {
        return new AuditQuery(
                name.equals("actor") ? value : null,
                name.equals("action") ? value : null,
                name.equals("target") ? value : null,
                null,
                null,
                null,
                name.equals("text") ? value : null);
    }
}
