package io.flotilla.controlplane.dispatch;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.node.ControlPlaneKey;
import io.flotilla.controlplane.node.Liveness;
import io.flotilla.controlplane.node.NodeSessions;
import io.flotilla.controlplane.report.Ingest;
import io.flotilla.controlplane.report.Metrics;
import io.flotilla.controlplane.report.Pulls;
import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.ControlMessage.Rejected.Reason;
import io.flotilla.protocol.Handshake;
import io.flotilla.protocol.NodeSpec;
import io.flotilla.protocol.registry.Login;
import io.flotilla.protocol.registry.RegistryAccess;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * What is said in one session, in order: the handshake, then specs one at a time, events, samples. Runs on the session's
 * one thread, except where a method says otherwise.
 */
final class Conversation {

    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SAMPLE_MILLIS = 2000;
    private static final long ANSWER_NANOS = 10_000_000_000L;
    private static final long REFUSAL_PAUSE_NANOS = 5_000_000_000L;

    /** What every session uses. */
    record Parts(
            Sessions sessions,
            ControlPlaneKey key,
            NodeSessions nodes,
            Liveness liveness,
            SpecStore specs,
            Ingest ingest,
            Metrics metrics,
            Pulls pulls,
            RegistryTokens tokens,
            Optional<RegistryLogins> logins,
            AuditLog audit) {}

    private enum Stage {
        HELLO,
        PROOF,
        WELCOMED,
        JOINED,
        ENDED
    }

    private final Parts parts;
    private final String source;
    private volatile Stage stage = Stage.HELLO;
    private volatile @Nullable UUID nodeId;
    private volatile String nodeName = "an agent";
    private Bytes agentNonce = Bytes.of(new byte[0]);
    private Bytes controlNonce = Bytes.of(new byte[0]);
    private Bytes nodeKey = Bytes.of(new byte[0]);
    private int version;
    private @Nullable String registryToken;
    private volatile long heldIncarnation;
    private volatile long heldGeneration;
    private @Nullable NodeSpec inFlight;
    private long sentAt;
    private long refusedAt;
    private boolean refused;

    Conversation(Parts parts, String source) {
        this.parts = parts;
        this.source = source;
    }

    void begin(AgentSession session) {
        parts.sessions().begun(session);
    }

    /** Any thread. */
    String name() {
        return nodeName;
    }

    /** Any thread. */
    boolean welcomed() {
        return stage == Stage.WELCOMED || stage == Stage.JOINED;
    }

    /** Any thread. */
    @Nullable
    UUID nodeId() {
        return nodeId;
    }

    /** Any thread: whether the node is known to hold this version. */
    boolean holds(long incarnation, long generation) {
        return heldIncarnation == incarnation && heldGeneration == generation;
    }

    /** Event loop: a sign of life, once the node has proved who it is. */
    void heard() {
        UUID id = nodeId;
        if (id != null && welcomed()) {
            parts.liveness().heard(id);
        }
    }

    /** Any thread, once. */
    void ended(AgentSession session, String why) {
        boolean wasOpen = welcomed();
        stage = Stage.ENDED;
        String token = registryToken;
        if (token != null) {
            parts.tokens().end(token);
        }
        UUID id = nodeId;
        boolean newest = parts.sessions().ended(session, id);
        if (wasOpen && newest && id != null) {
            try {
                parts.nodes().left(id, "Session ended: " + why);
            } catch (RuntimeException e) {
                LOG.debug("the end of a session was not noted", e);
            }
        }
    }

    void received(AgentSession session, AgentMessage message) {
        switch (message) {
            case AgentMessage.Hello hello -> hello(session, hello);
            case AgentMessage.Proof proof -> proof(session, proof);
            case AgentMessage.Joined joined -> joined(session, joined);
            case AgentMessage.SpecAnswer answer -> afterJoining(session, id -> answered(session, id, answer));
            case AgentMessage.Events events -> afterJoining(session, id -> events(session, id, events));
            case AgentMessage.Sample sample -> afterJoining(session, id -> sampled(id, sample));
            case AgentMessage.Pulling pulling ->
                afterJoining(session, id -> parts.pulls().report(pulling.allocationId(), pulling.progress()));
            case AgentMessage.LoginWanted wanted -> afterJoining(session, id -> login(session, id, wanted));
            case AgentMessage.Opened _, AgentMessage.Credit _, AgentMessage.Closed _, AgentMessage.Pong _ ->
                throw new IllegalStateException("sorted on the event loop: " + message);
        }
    }

    private void afterJoining(AgentSession session, Consumer<UUID> heard) {
        UUID id = nodeId;
        if (stage != Stage.JOINED || id == null) {
            session.cut("the agent spoke before it had joined");
        } else {
            heard.accept(id);
        }
    }

    private void hello(AgentSession session, AgentMessage.Hello hello) {
        if (stage != Stage.HELLO) {
            session.cut("the agent said hello twice");
            return;
        }
        Optional<Integer> common = hello.versions().stream()
                .filter(offered -> offered <= Handshake.VERSION && offered >= Math.max(1, Handshake.VERSION - 1))
                .max(Integer::compare);
        if (common.isEmpty()) {
            reject(
                    session,
                    hello.nodeId(),
                    Reason.VERSION,
                    "this control plane speaks version " + Handshake.VERSION + " of the protocol, the agent "
                            + hello.agentVersion() + " speaks " + hello.versions());
            return;
        }
        if (hello.nonce().array().length != 32) {
            reject(session, hello.nodeId(), Reason.SIGNATURE, "the nonce must be 32 bytes");
            return;
        }
        Optional<NodeSessions.Known> known;
        try {
            known = parts.nodes().known(hello.nodeId());
        } catch (DataAccessException | IllegalStateException e) {
            session.send(new ControlMessage.Rejected(Reason.UNAVAILABLE, "the database is away; try again"));
            session.endAfterSending();
            return;
        }
        if (known.isEmpty() || known.get().revoked()) {
            boolean revoked = known.isPresent();
            nodeName = known.map(NodeSessions.Known::name).orElse(nodeName);
            reject(
                    session,
                    hello.nodeId(),
                    revoked ? Reason.REVOKED : Reason.UNKNOWN_NODE,
                    revoked ? "this node was revoked; join again with a new token" : "this node is not known here");
            return;
        }
        challenge(session, hello, known.get(), common.get());
    }

    private void challenge(AgentSession session, AgentMessage.Hello hello, NodeSessions.Known known, int common) {
        nodeId = hello.nodeId();
        nodeName = known.name();
        nodeKey = known.publicKey();
        agentNonce = hello.nonce();
        controlNonce = Bytes.random(RANDOM, 32);
        version = common;
        ControlPlaneKey key = parts.key();
        byte[] statement = Handshake.controlPlaneStatement(agentNonce, controlNonce, hello.nodeId(), key.id(), version);
        stage = Stage.PROOF;
        session.send(
                new ControlMessage.Challenge(key.id(), version, key.publicKey(), controlNonce, key.sign(statement)));
    }

    private void proof(AgentSession session, AgentMessage.Proof proof) {
        UUID id = nodeId;
        if (stage != Stage.PROOF || id == null) {
            session.cut("the agent sent a proof that nobody asked for");
            return;
        }
        byte[] statement = Handshake.nodeStatement(
                agentNonce, controlNonce, id, parts.key().id(), version);
        if (!Handshake.verify(nodeKey, statement, proof.signature())) {
            reject(session, id, Reason.SIGNATURE, "the signature is not by this node's key");
            return;
        }
        String token = parts.tokens().issue(id);
        registryToken = token;
        stage = Stage.WELCOMED;
        session.send(new ControlMessage.Welcome(SAMPLE_MILLIS, token));
    }

    private void reject(AgentSession session, UUID id, Reason reason, String message) {
        stage = Stage.ENDED;
        session.send(new ControlMessage.Rejected(reason, message));
        session.endAfterSending();
        Actor agent = Actor.node(id, nodeName, source);
        parts.audit().refused(agent, "node.session", new Target("node", id.toString(), nodeName, null), message);
    }

    private void joined(AgentSession session, AgentMessage.Joined joined) {
        UUID id = nodeId;
        if (stage != Stage.WELCOMED || id == null) {
            session.cut("the agent joined out of turn");
            return;
        }
        heldIncarnation = joined.incarnation();
        heldGeneration = joined.generation();
        parts.nodes().joined(id, joined.facts(), heldIncarnation, heldGeneration, joined.quarantined());
        stage = Stage.JOINED;
        parts.liveness().heard(id);
        parts.sessions().joined(session, id);
        deliver(session);
    }

    /** Sends the node's spec if the node's is stale and none is on its way. */
    void deliver(AgentSession session) {
        UUID id = nodeId;
        if (stage != Stage.JOINED || id == null) {
            return;
        }
        if (inFlight != null && System.nanoTime() - sentAt < ANSWER_NANOS) {
            return;
        }
        if (refused && System.nanoTime() - refusedAt < REFUSAL_PAUSE_NANOS) {
            return;
        }
        NodeSpec spec = parts.specs().spec(id).orElse(null);
        if (spec == null || (spec.incarnation() == heldIncarnation && spec.generation() == heldGeneration)) {
            return;
        }
        NodeSpec held = new NodeSpec(heldIncarnation, heldGeneration, java.util.List.of());
        if (!spec.isNewerThan(held)) {
            LOG.warn("{} holds a newer spec than the database: it was restored; a new incarnation begins", nodeName);
            parts.nodes().restored(heldIncarnation);
            spec = parts.specs().spec(id).orElseThrow();
        }
        inFlight = spec;
        sentAt = System.nanoTime();
        session.send(new ControlMessage.ApplyNodeSpec(spec));
    }

    private void answered(AgentSession session, UUID id, AgentMessage.SpecAnswer answer) {
        NodeSpec sent = inFlight;
        boolean expected =
                sent != null && sent.incarnation() == answer.incarnation() && sent.generation() == answer.generation();
        if (expected) {
            inFlight = null;
        }
        String why = answer.refused();
        if (why == null) {
            refused = false;
            NodeSpec held = new NodeSpec(heldIncarnation, heldGeneration, java.util.List.of());
            NodeSpec now = new NodeSpec(answer.incarnation(), answer.generation(), java.util.List.of());
            if (now.isNewerThan(held)) {
                heldIncarnation = answer.incarnation();
                heldGeneration = answer.generation();
                parts.nodes().accepted(id, heldIncarnation, heldGeneration);
            }
        } else if (expected) {
            refused = true;
            refusedAt = System.nanoTime();
            parts.nodes().refused(id, answer.generation(), why);
        }
        deliver(session);
    }

    private void events(AgentSession session, UUID id, AgentMessage.Events events) {
        if (events.events().isEmpty()) {
            return;
        }
        long first =
                events.events().stream().mapToLong(event -> event.seq()).min().orElse(0);
        OptionalLong stored =
                parts.ingest().store(id, events.events(), parts.sessions().isGoneBefore(id, first));
        if (stored.isPresent()) {
            parts.sessions().noGap(id);
            session.send(new ControlMessage.EventsStored(stored.getAsLong()));
        } else {
            // A new session begins with the oldest event that the node still has; if it begins here again, nothing
            // older exists any more.
            parts.sessions().gap(id, first);
            session.cut("events before " + first + " are missing");
        }
    }

    private void sampled(UUID id, AgentMessage.Sample sample) {
        parts.metrics().record(id, sample.sample());
        parts.nodes().quarantined(id, sample.quarantined());
    }

    private void login(AgentSession session, UUID id, AgentMessage.LoginWanted wanted) {
        RegistryAccess access = parts.specs().runs(id, wanted.allocationId(), wanted.image())
                ? parts.logins().map(logins -> logins.access(wanted.image())).orElseGet(RegistryAccess::anonymous)
                : RegistryAccess.anonymous();
        Login.Basic login = access.login() instanceof Login.Basic basic ? basic : null;
        session.send(new ControlMessage.Login(
                wanted.requestId(),
                login == null ? null : login.user(),
                login == null ? null : login.password(),
                access));
    }
}
