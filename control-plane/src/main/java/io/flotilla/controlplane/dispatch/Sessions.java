package io.flotilla.controlplane.dispatch;

import io.flotilla.controlplane.audit.AuditHead;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.database.Database;
import io.flotilla.controlplane.database.Notifications;
import io.flotilla.controlplane.node.ControlPlaneKey;
import io.flotilla.controlplane.node.Liveness;
import io.flotilla.controlplane.node.NodeSessions;
import io.flotilla.controlplane.report.Ingest;
import io.flotilla.controlplane.report.Metrics;
import io.flotilla.controlplane.report.Pulls;
import io.flotilla.protocol.ControlMessage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Mono;

/** All sessions of this process: the newest of each node counts. */
@Service
public class Sessions implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
    private static final Duration TICK = Duration.ofSeconds(1);

    private final Conversation.Parts parts;
    private final Database database;
    private final Set<AgentSession> all = ConcurrentHashMap.newKeySet();
    private final Map<UUID, AgentSession> byNode = new ConcurrentHashMap<>();
    private final Map<UUID, Long> gaps = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable AuditHead> unsentHead = new AtomicReference<>();
    private volatile @Nullable Thread ticker;

    Sessions(
            ControlPlaneKey key,
            NodeSessions nodes,
            Liveness liveness,
            SpecStore specs,
            Ingest ingest,
            Metrics metrics,
            Pulls pulls,
            RegistryTokens tokens,
            ObjectProvider<RegistryLogins> logins,
            AuditLog audit,
            Database database,
            Notifications notifications) {
        this.database = database;
        parts = new Conversation.Parts(
                this,
                key,
                nodes,
                liveness,
                specs,
                ingest,
                metrics,
                pulls,
                tokens,
                Optional.ofNullable(logins.getIfAvailable()),
                audit);
        audit.onHead(head -> unsentHead.accumulateAndGet(head, Sessions::newer));
        notifications.subscribe("node", this::hint);
    }

    private static @Nullable AuditHead newer(@Nullable AuditHead one, @Nullable AuditHead other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.seq() >= other.seq() ? one : other;
    }

    private void hint(String payload) {
        if (payload.isEmpty()) {
            byNode.values().forEach(AgentSession::deliverSoon);
            return;
        }
        AgentSession session = byNode.get(UUID.fromString(payload));
        if (session != null) {
            session.deliverSoon();
        }
    }

    /** A session on a socket that was just accepted. */
    AgentSession accept(Runnable cutSocket, String source) {
        return new AgentSession(new Conversation(parts, source), cutSocket, source);
    }

    void begun(AgentSession session) {
        all.add(session);
    }

    void joined(AgentSession session, UUID node) {
        AgentSession older = byNode.put(node, session);
        if (older != null && older != session) {
            older.cut("a newer session of the same node has taken its place");
        }
    }

    /** Returns whether the node has no other session here. */
    boolean ended(AgentSession session, @Nullable UUID node) {
        all.remove(session);
        return node != null && byNode.remove(node, session);
    }

    void gap(UUID node, long first) {
        gaps.put(node, first);
    }

    void noGap(UUID node) {
        gaps.remove(node);
    }

    /** Whether the node began an earlier session with the same event, so that nothing older exists. */
    boolean isGoneBefore(UUID node, long first) {
        Long seen = gaps.get(node);
        return seen != null && seen == first;
    }

    /** Whether the node has an open session with this process. */
    public boolean connected(UUID node) {
        return byNode.containsKey(node);
    }

    /**
     * Opens a byte stream to a node; the stream must be closed, or its frames be read to the end.
     *
     * @return fails with {@link StreamRefused}
     */
    public Mono<AgentStream> open(UUID node, ControlMessage.Target target) {
        return Mono.defer(() -> {
            AgentSession session = byNode.get(node);
            return session == null ? Mono.error(new StreamRefused(whyNoSession(node), null)) : session.open(target);
        });
    }

    String whyNoSession(UUID node) {
        return parts.liveness().elsewhere(node)
                ? "the node has its session with another control plane of this installation; only there can its logs,"
                        + " terminals and images be had"
                : "the node is away";
    }

    @Override
    public void start() {
        // Assigned before it starts: the loop ends when it finds no thread here.
        Thread loop = Thread.ofVirtual().name("sessions").unstarted(this::tickAll);
        ticker = loop;
        loop.start();
    }

    @Override
    public void stop() {
        Thread running = ticker;
        ticker = null;
        if (running != null) {
            running.interrupt();
        }
        all.forEach(session -> session.cut("the control plane stops"));
    }

    @Override
    public boolean isRunning() {
        return ticker != null;
    }

    private void tickAll() {
        while (ticker != null) {
            try {
                Thread.sleep(TICK);
                all.forEach(AgentSession::tick);
                AuditHead head = unsentHead.getAndSet(null);
                if (head != null) {
                    byNode.values().forEach(each -> each.send(new ControlMessage.AuditHead(head.seq(), head.hash())));
                }
                if (database.ready() && !byNode.isEmpty()) {
                    compareVersions();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.debug("sessions could not be looked after; again in a second", e);
            }
        }
    }

    /** Hints may be lost; this is what certainty rests on. Also what makes a revocation work at once. */
    private void compareVersions() {
        Map<UUID, SpecStore.Version> versions = parts.specs().versions(byNode.keySet());
        byNode.forEach((node, session) -> {
            SpecStore.Version version = versions.get(node);
            if (version == null || version.revoked()) {
                session.cut("the node was revoked");
            } else {
                session.deliverUnlessHeld(version.incarnation(), version.generation());
            }
        });
    }
}
