package io.flotilla.controlplane.node;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.NotificationStore;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.id.Ids;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.schedule.NodeState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.stereotype.Service;

/** The inventory, and what operators do to nodes. */
@Service
public class NodeService {

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?");
    private static final Pattern LABEL_VALUE = Pattern.compile("[A-Za-z0-9._-]{1,63}");

    private final NodeStore store;
    private final Liveness liveness;
    private final Transactions transactions;
    private final AuditLog audit;
    private final NotificationStore notifications;
    private final Ids ids;

    NodeService(
            NodeStore store,
            Liveness liveness,
            Transactions transactions,
            AuditLog audit,
            NotificationStore notifications,
            Ids ids) {
        this.store = store;
        this.liveness = liveness;
        this.transactions = transactions;
        this.audit = audit;
        this.notifications = notifications;
        this.ids = ids;
    }

    /** All that are not revoked, by name. */
    public List<NodeView> list() {
        return store.list().stream().map(this::shown).toList();
    }

    /** @throws ProblemException if there is no such node */
    public NodeView get(UUID id) {
        return shown(store.find(id).orElseThrow(() -> ProblemException.notFound("node", id.toString())));
    }

    /** The newest first. */
    public List<NodeEvent> events(UUID id, int limit) {
        return store.events(id, limit);
    }

    private NodeView shown(NodeStore.Row row) {
        NodeView v = row.view();
        Long silent = row.silentMillis();
        Liveness.Silence seen = liveness.silence(v.id());
        if (seen.heard()) {
            silent = seen.duration().toMillis();
        }
        return new NodeView(
                v.id(),
                v.name(),
                status(v, silent),
                v.facts(),
                v.labels(),
                v.capacity(),
                v.reserved(),
                v.allocations(),
                v.heardAt(),
                silent,
                v.generation(),
                v.acceptedGeneration(),
                v.quarantined(),
                v.createdAt(),
                v.cordonedAt(),
                v.drainingAt(),
                v.lostAt(),
                v.fencedAt(),
                v.revokedAt());
    }

    private static NodeStatus status(NodeView view, @org.jspecify.annotations.Nullable Long silentMillis) {
        if (view.revokedAt() != null) {
            return NodeStatus.REVOKED;
        }
        if (view.lostAt() != null) {
            return NodeStatus.LOST;
        }
        if (silentMillis == null) {
            return NodeStatus.JOINING;
        }
        boolean stale = Duration.ofMillis(silentMillis).compareTo(NodeState.STALE_AFTER) >= 0;
        return stale ? NodeStatus.STALE : NodeStatus.ONLINE;
    }

    /** Nothing new is placed there; what runs stays. Also ends draining. */
    public void cordon(Actor actor, UUID id) {
        change(
                actor,
                id,
                "node.cordon",
                "cordoned",
                "Cordoned by " + actor.name(),
                () -> store.cordon(id, true, false));
    }

    /** Open again; what was moved away does not come back by itself. */
    public void uncordon(Actor actor, UUID id) {
        change(
                actor,
                id,
                "node.uncordon",
                "uncordoned",
                "Opened by " + actor.name(),
                () -> store.cordon(id, false, false));
    }

    /** Nothing new is placed there and what runs moves away, each only when its successor runs. */
    public void drain(Actor actor, UUID id) {
        change(actor, id, "node.drain", "draining", "Drained by " + actor.name(), () -> store.cordon(id, true, true));
    }

    /** The operator's word that nothing runs there any more; only for a node that is not heard. */
    public void fence(Actor actor, UUID id) {
        NodeView node = get(id);
        if (node.status() == NodeStatus.ONLINE) {
            throw ProblemException.conflict(null, "node " + node.name() + " is heard, so it is not dead");
        }
        change(actor, id, "node.confirm-dead", "fenced", "Confirmed dead by " + actor.name(), () -> store.fence(id));
    }

    /** Its key is refused from now on, for ever. What it ran is placed elsewhere; singletons only once it is fenced. */
    public void revoke(Actor actor, UUID id) {
        change(actor, id, "node.revoke", "revoked", "Revoked by " + actor.name(), () -> store.revoke(id));
    }

    /** Replaces the labels. */
    public void label(Actor actor, UUID id, Map<String, String> labels) {
        labels.forEach((name, value) -> {
            if (!LABEL.matcher(name).matches()) {
                throw ProblemException.invalid("labels", "name \"" + name + "\" must match " + LABEL.pattern());
            }
            if (!LABEL_VALUE.matcher(value).matches()) {
                throw ProblemException.invalid(
                        "labels." + name, "value \"" + value + "\" must match " + LABEL_VALUE.pattern());
            }
        });
        change(actor, id, "node.label", "labelled", "Labelled by " + actor.name(), () -> store.labels(id, labels));
    }

    /** What the audit log keeps of a node. */
    private record State(
            String name,
            Map<String, String> labels,
            boolean cordoned,
            boolean draining,
            boolean fenced,
            boolean revoked) {

        static State of(NodeView view) {
            return new State(
                    view.name(),
                    view.labels(),
                    view.cordoned(),
                    view.draining(),
                    view.fencedAt() != null,
                    view.revokedAt() != null);
        }
    }

    private void change(Actor actor, UUID id, String action, String event, String detail, Runnable change) {
        transactions.run(() -> {
            NodeView before = store.lock(id)
                    .orElseThrow(() -> ProblemException.notFound("node", id.toString()))
                    .view();
            if (before.revokedAt() != null && !action.equals("node.confirm-dead")) {
                throw ProblemException.conflict(null, "node " + before.name() + " is revoked");
            }
            change.run();
            NodeView after = store.find(id).orElseThrow().view();
            store.event(ids.next(), id, event, detail);
            notifications.send("node", id.toString());
            audit.record(actor, action, Target.of("node", id, before.name()), State.of(before), State.of(after));
        });
    }
}
