package io.flotilla.controlplane.image;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.dispatch.Questions;
import io.flotilla.controlplane.node.NodeService;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.NodeImages;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** The images on the nodes: how much there is, what may go. The nodes themselves keep their limits and decide what is used. */
@Service
public class NodeImageService {

    /** Deleting many large layers takes a while. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final NodeService nodes;
    private final Questions questions;
    private final Transactions transactions;
    private final AuditLog audit;

    NodeImageService(NodeService nodes, Questions questions, Transactions transactions, AuditLog audit) {
        this.nodes = nodes;
        this.questions = questions;
        this.transactions = transactions;
        this.audit = audit;
    }

    public NodeImages show(UUID node) {
        return ask(nodes.get(node).id(), new NodeImages.Request.Show());
    }

    /** What a clean-up would take away. */
    public NodeImages preview(UUID node, long keepBytes) {
        return ask(nodes.get(node).id(), new NodeImages.Request.Clean(notNegative("keepBytes", keepBytes), true));
    }

    /** Takes away what nobody uses, the longest unused first, until so many bytes are left. */
    public NodeImages clean(Actor actor, UUID node, long keepBytes) {
        return change(
                actor,
                node,
                "node.clean-images",
                Map.of("keepBytes", keepBytes),
                new NodeImages.Request.Clean(notNegative("keepBytes", keepBytes), false));
    }

    /** @param bytes null takes the limit away */
    public NodeImages limit(Actor actor, UUID node, @Nullable Long bytes) {
        return change(
                actor,
                node,
                "node.limit-images",
                bytes == null ? Map.of() : Map.of("limitBytes", notNegative("limitBytes", bytes)),
                new NodeImages.Request.Limit(bytes));
    }

    private static long notNegative(String field, long bytes) {
        if (bytes < 0) {
            throw ProblemException.invalid(field, bytes + " must be 0 or more bytes");
        }
        return bytes;
    }

    /** The row comes first: what a node has deleted cannot be taken back when the row cannot be written. */
    private NodeImages change(
            Actor actor, UUID id, String action, Map<String, Object> wanted, NodeImages.Request request) {
        NodeView node = nodes.get(id);
        questions.requireReachable(id);
        transactions.run(() -> audit.record(actor, action, Target.of("node", id, node.name()), null, wanted));
        return ask(id, request);
    }

    private NodeImages ask(UUID node, NodeImages.Request request) {
        return questions.ask(node, new ControlMessage.Target.Images(request), NodeImages.class, PATIENCE);
    }
}
