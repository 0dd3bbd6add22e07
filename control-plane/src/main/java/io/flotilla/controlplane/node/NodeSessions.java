package io.flotilla.controlplane.node;

import io.flotilla.controlplane.database.NotificationStore;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.id.Ids;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.NodeFacts;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Service;

/** What an agent session reads and writes of its node. */
@Service
public class NodeSessions {

    /** What a handshake needs to know. */
    public record Known(String name, Bytes publicKey, boolean revoked) {}

    private final NodeStore store;
    private final ControlPlaneStore controlPlane;
    private final Transactions transactions;
    private final NotificationStore notifications;
    private final Ids ids;

    NodeSessions(
            NodeStore store,
            ControlPlaneStore controlPlane,
            Transactions transactions,
            NotificationStore notifications,
            Ids ids) {
        this.store = store;
        this.controlPlane = controlPlane;
        this.transactions = transactions;
        this.notifications = notifications;
        this.ids = ids;
    }

    public Optional<Known> known(UUID id) {
        return store.key(id).map(key -> new Known(key.name(), key.publicKey(), key.revoked()));
    }

    /** A session is open: the node is what it says it is, and holds the spec that it says it holds. */
    public void joined(UUID id, NodeFacts facts, long incarnation, long generation, List<UUID> quarantined) {
        transactions.run(() -> {
            store.lock(id);
            store.facts(id, facts);
            store.accepted(id, incarnation, generation);
            store.quarantined(id, quarantined);
            store.event(ids.next(), id, "connected", "Connected, agent " + facts.agentVersion());
            notifications.send("node", id.toString());
        });
    }

    public void left(UUID id, String why) {
        transactions.run(() -> {
            store.event(ids.next(), id, "disconnected", why);
            notifications.send("node", id.toString());
        });
    }

    public void accepted(UUID id, long incarnation, long generation) {
        store.accepted(id, incarnation, generation);
    }

    /**
     * The node knows a newer spec than this database can have issued, so the database is an older copy: everything that
     * it issues from now on belongs to a new incarnation.
     */
    public void restored(long incarnation) {
        controlPlane.raiseIncarnationAbove(incarnation);
    }

    /** The node refused a spec; the next one gets a generation above every one it can know. */
    public void refused(UUID id, long generation, String why) {
        transactions.run(() -> {
            store.raiseGenerationAbove(id, generation);
            store.event(ids.next(), id, "refused", "Refused its spec: " + why);
            notifications.send("node", id.toString());
        });
    }

    public void quarantined(UUID id, List<UUID> allocations) {
        if (store.quarantined(id, allocations)) {
            notifications.send("node", id.toString());
        }
    }
}
