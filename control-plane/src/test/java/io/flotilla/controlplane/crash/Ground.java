package io.flotilla.controlplane.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What stands in the tables, and what must hold between them at any moment. */
final class Ground implements AutoCloseable {

    record Row(UUID id, String wanted, int replicas) {}

    /** Each finds the rows that break the rule. */
    private static final Map<String, String> RULES = Map.of(
            "every workload has its revision", """
                    SELECT w.id FROM workloads w
                    LEFT JOIN revisions r ON r.workload_id = w.id AND r.number = w.revision WHERE r.number IS NULL""",
            "a node has reserved what its allocations need", """
                    SELECT n.id FROM nodes n LEFT JOIN allocations a ON a.node_id = n.id AND NOT a.ended
                    GROUP BY n.id HAVING n.reserved_cpu_millis <> coalesce(sum(a.cpu_millis), 0)
                      OR n.reserved_memory_bytes <> coalesce(sum(a.memory_bytes), 0)""",
            "a team has reserved what its workloads need", """
                    SELECT t.id FROM teams t LEFT JOIN workloads w ON w.team_id = t.id AND w.reserves
                    LEFT JOIN revisions r ON r.workload_id = w.id AND r.number = w.revision
                    GROUP BY t.id HAVING t.reserved_cpu_millis <> coalesce(sum(w.replicas * r.cpu_millis), 0)
                      OR t.reserved_memory_bytes <> coalesce(sum(w.replicas * r.memory_bytes), 0)
                      OR t.reserved_replicas <> coalesce(sum(w.replicas), 0)
                      OR t.reserved_ports <> coalesce(sum(w.replicas * r.ports), 0)""",
            "a workload that shall run has an allocation for each of its replicas", """
                    SELECT w.id FROM workloads w
                    LEFT JOIN allocations a ON a.workload_id = w.id AND a.node_order = 'run' AND NOT a.ended
                    WHERE w.wanted = 'running' GROUP BY w.id HAVING w.replicas <> count(a.id)""",
            "a workload that shall not run is told to stop", """
                    SELECT w.id FROM workloads w JOIN allocations a ON a.workload_id = w.id
                    WHERE w.wanted <> 'running' AND a.node_order = 'run' AND NOT a.ended""",
            "fixed ports are held by what lives", """
                    SELECT p.allocation_id FROM allocation_ports p JOIN allocations a ON a.id = p.allocation_id
                    WHERE a.ended OR a.node_id <> p.node_id""",
            "the audit log has no gap", """
                    SELECT seq FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM audit_entries) e
                    WHERE seq <> place
                    UNION SELECT seq FROM audit_head WHERE seq <> (SELECT count(*) FROM audit_entries)""");

    private final Connection connection;

    Ground(Connection connection) throws SQLException {
        this.connection = connection;
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    }

    void assertRulesHold() throws SQLException {
        for (Map.Entry<String, String> rule : RULES.entrySet()) {
            try (ResultSet broken = connection.createStatement().executeQuery(rule.getValue())) {
                List<String> found = new ArrayList<>();
                while (broken.next()) {
                    found.add(broken.getString(1));
                }
                assertThat(found).as(rule.getKey()).isEmpty();
            }
        }
    }

    @Nullable
    Row workload(UUID id) throws SQLException {
        List<Row> rows = rows("id = ?", id);
        return rows.isEmpty() ? null : rows.getFirst();
    }

    List<Row> named(String name) throws SQLException {
        return rows("name = ?", name);
    }

    private List<Row> rows(String condition, Object value) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT id, wanted, replicas FROM workloads WHERE " + condition)) {
            statement.setObject(1, value);
            try (ResultSet row = statement.executeQuery()) {
                List<Row> rows = new ArrayList<>();
                while (row.next()) {
                    rows.add(new Row(row.getObject(1, UUID.class), row.getString(2), row.getInt(3)));
                }
                return rows;
            }
        }
    }

    /** How many changes of people the audit log has for a workload. */
    int accepted(UUID workload) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT count(*) FROM audit_entries WHERE target_id = ? AND result = 'accepted'
                AND action IN ('workload.create', 'workload.scale', 'workload.delete')""")) {
            statement.setString(1, workload.toString());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
