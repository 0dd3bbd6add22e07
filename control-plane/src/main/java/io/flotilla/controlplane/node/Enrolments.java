package io.flotilla.controlplane.node;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.NotificationStore;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.id.Ids;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.Enrolment;
import io.flotilla.protocol.Handshake;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.springframework.stereotype.Service;

/** How a host becomes a node: by a token that works once and not for longer than an hour. */
@Service
public class Enrolments {

    public static final Duration LONGEST = Duration.ofHours(1);

    private static final String PREFIX = "fljoin_";
    private static final int TOKEN_BYTES = 32;
    private static final int NAME_LENGTH = 63;

    private final JoinTokenStore tokens;
    private final NodeStore nodes;
    private final ControlPlaneKey key;
    private final Transactions transactions;
    private final AuditLog audit;
    private final NotificationStore notifications;
    private final Ids ids;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    Enrolments(
            JoinTokenStore tokens,
            NodeStore nodes,
            ControlPlaneKey key,
            Transactions transactions,
            AuditLog audit,
            NotificationStore notifications,
            Ids ids,
            Clock clock) {
        this.tokens = tokens;
        this.nodes = nodes;
        this.key = key;
        this.transactions = transactions;
        this.audit = audit;
        this.notifications = notifications;
        this.ids = ids;
        this.clock = clock;
    }

    /** @param life at most {@link #LONGEST} */
    public JoinToken.Issued issue(Actor actor, Duration life) {
        if (life.compareTo(Duration.ofMinutes(1)) < 0 || life.compareTo(LONGEST) > 0) {
            throw ProblemException.invalid("ttlMinutes", "must be from 1 to 60");
        }
        byte[] secret = new byte[TOKEN_BYTES];
        random.nextBytes(secret);
        String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        JoinToken details = new JoinToken(ids.next(), now, actor.name(), now.plus(life), null, null);
        transactions.run(() -> {
            tokens.insert(details, hash(token));
            audit.record(
                    actor, "join-token.create", Target.of("join-token", details.id(), "join token"), null, details);
        });
        return new JoinToken.Issued(details, token, key.fingerprint());
    }

    /** The newest ones, without their secrets. */
    public List<JoinToken> list() {
        return tokens.newest(100);
    }

    /** @throws ProblemException if the token or the key will not do; the refusal is audited by the web layer */
    public Enrolment.Answer enrol(Actor caller, Enrolment.Request request) {
        if (request.publicKey().array().length != 32) {
            throw ProblemException.invalid("publicKey", "must be the 32 raw bytes of an Ed25519 key, in base64");
        }
        if (request.nonce().array().length != 32) {
            throw ProblemException.invalid("nonce", "must be 32 random bytes, in base64");
        }
        UUID id = ids.next();
        String name = transactions.call(() -> enrolLocked(caller, request, id));
        Bytes signature = key.sign(Handshake.enrolmentStatement(request.nonce(), request.publicKey(), id, key.id()));
        return new Enrolment.Answer(id, name, key.id(), key.publicKey(), signature);
    }

    private String enrolLocked(Actor caller, Enrolment.Request request, UUID id) {
        JoinToken token = tokens.lock(hash(request.token()))
                .orElseThrow(() -> ProblemException.unauthenticated(
                        "this join token is not one of ours; make a new one on the dashboard's page for"
                                + " joining a node"));
        if (token.usedAt() != null) {
            throw ProblemException.unauthenticated("this join token was used already; each works once");
        }
        if (!clock.instant().isBefore(token.expiresAt())) {
            throw ProblemException.unauthenticated("this join token expired at " + token.expiresAt());
        }
        nodes.lockNames();
        if (nodes.keyKnown(request.publicKey())) {
            throw ProblemException.conflict(
                    "publicKey", "this key belongs to a node already; a host joins with a new key");
        }
        String name = freeName(request.facts().hostName());
        nodes.insert(id, name, request.publicKey(), request.facts());
        tokens.use(token.id(), id);
        nodes.event(ids.next(), id, "enrolled", "Enrolled by a token of " + token.createdBy());
        notifications.send("node", id.toString());
        Actor node = Actor.node(id, name, caller.source());
        audit.record(node, "node.enrol", Target.of("node", id, name), null, request.facts());
        return name;
    }

    private String freeName(String hostName) {
        String base = hostName.toLowerCase(Locale.ROOT).replaceAll("\\..*", "").replaceAll("[^a-z0-9-]+", "-");
        base = base.replaceAll("^-+", "");
        base = base.length() > NAME_LENGTH - 6 ? base.substring(0, NAME_LENGTH - 6) : base;
        base = base.replaceAll("-+$", "");
        base = base.isEmpty() ? "node" : base;
        String name = base;
        for (int number = 2; nodes.nameTaken(name); number++) {
            name = base + "-" + number;
        }
        return name;
    }

    private static byte[] hash(String token) {
        return HexFormat.of()
                .parseHex(Digest.sha256(token.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .hex());
    }
}
