package io.flotilla.controlplane.dispatch;

import io.flotilla.controlplane.schedule.AllocationState;
import io.flotilla.controlplane.workload.RevisionSpec;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.NodeSpec;
import io.flotilla.protocol.NodeSpec.Order;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL that makes NodeSpecs. */
@Repository
class SpecStore {

    /** Which spec a node shall hold. */
    record Version(long incarnation, long generation, boolean revoked) {}

    private record Line(
            long incarnation, long generation, @Nullable Order order) {}

    private final JdbcClient jdbc;

    SpecStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Map<UUID, Version> versions(Collection<UUID> nodes) {
        Map<UUID, Version> versions = new HashMap<>();
        jdbc.sql("""
            SELECT n.id, c.incarnation, n.generation, n.revoked_at IS NOT NULL FROM nodes n CROSS JOIN control_plane c
            WHERE n.id = ANY(:ids::uuid[])\
            """)
                .param("ids", nodes.toArray(UUID[]::new))
                .query((row, number) -> versions.put(
                        row.getObject(1, UUID.class), new Version(row.getLong(2), row.getLong(3), row.getBoolean(4))))
                .list();
        return versions;
    }

    /** One statement, thus one snapshot: generation and orders belong together. */
    Optional<NodeSpec> spec(UUID node) {
        List<Line> lines = jdbc.sql("""
            SELECT c.incarnation, n.generation, a.id, a.node_order, a.restarts, a.workload_id, a.revision,
              w.name AS workload, t.name AS team, r.spec
            FROM nodes n CROSS JOIN control_plane c
              LEFT JOIN allocations a ON a.node_id = n.id AND NOT a.removed
              LEFT JOIN workloads w ON w.id = a.workload_id
              LEFT JOIN teams t ON t.id = w.team_id
              LEFT JOIN revisions r ON r.workload_id = a.workload_id AND r.number = a.revision
            WHERE n.id = :node ORDER BY a.id\
            """)
                .param("node", node)
                .query((row, number) -> new Line(row.getLong("incarnation"), row.getLong("generation"), order(row)))
                .list();
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        List<Order> orders = new ArrayList<>();
        for (Line line : lines) {
            Order order = line.order();
            if (order != null) {
                orders.add(order);
            }
        }
        Line first = lines.getFirst();
        return Optional.of(new NodeSpec(first.incarnation(), first.generation(), orders));
    }

    private static @Nullable Order order(ResultSet row) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        if (id == null) {
            return null;
        }
        return switch (AllocationState.Order.of(row.getString("node_order"))) {
            case RUN -> new Order.Run(id, row.getInt("restarts"), spec(id, row));
            case STOP -> new Order.Stop(id);
            case REMOVE -> new Order.Remove(id);
        };
    }

    private static AllocationSpec spec(UUID id, ResultSet row) throws SQLException {
        RevisionSpec spec = Codec.decode(row.getString("spec"), RevisionSpec.class);
        return new AllocationSpec(
                id,
                row.getObject("workload_id", UUID.class),
                row.getString("workload"),
                row.getString("team"),
                row.getInt("revision"),
                spec.image(),
                spec.digest(),
                spec.command(),
                spec.args(),
                spec.env(),
                spec.workingDir(),
                spec.user(),
                spec.hostName(),
                spec.tty(),
                spec.stdin(),
                spec.resources(),
                spec.ports(),
                spec.restart(),
                spec.stopSignal(),
                spec.stopGraceMillis(),
                spec.userns(),
                spec.network(),
                spec.readOnlyRootfs(),
                spec.capAdd(),
                spec.capDrop());
    }

    /** Whether the allocation is on that node, not removed, and of this image: what a node may ask a login for. */
    boolean runs(UUID node, UUID allocation, ImageName image) {
        return jdbc.sql("""
                SELECT r.spec->>'image' FROM allocations a
                JOIN revisions r ON r.workload_id = a.workload_id AND r.number = a.revision
                WHERE a.id = :id AND a.node_id = :node AND NOT a.removed""")
                .param("id", allocation)
                .param("node", node)
                .query(String.class)
                .optional()
                .map(ImageName::parse)
                .filter(own -> own.registry().equals(image.registry())
                        && own.repository().equals(image.repository()))
                .isPresent();
    }
}
