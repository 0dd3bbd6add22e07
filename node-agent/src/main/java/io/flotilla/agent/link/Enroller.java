package io.flotilla.agent.link;

import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Enrolment;
import io.flotilla.protocol.Handshake;
import io.flotilla.protocol.NodeFacts;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.security.SecureRandom;
import java.time.Duration;

/** Makes this host a node. */
public final class Enroller {

    private Enroller() {}

    /**
     * Redeems a join token.
     *
     * @param fingerprint from the join line, 64 hex digits
     * @throws LinkException when the control plane refuses, or is not the one of the join line
     */
    public static Membership enrol(
            Server server, String token, String fingerprint, NodeKey key, NodeFacts facts, SecureRandom random)
            throws IOException {
        Bytes nonce = Bytes.random(random, 32);
        String body = Codec.encode(new Enrolment.Request(token, key.publicKey(), nonce, facts));
        HttpRequest request = HttpRequest.newBuilder(server.at(Handshake.ENROLL_PATH))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        Trust trust = new Trust(server, fingerprint);
        trust.renew(random);
        String answer = Request.send(server, request, trust.context());
        return verified(server, fingerprint, key, nonce, answer);
    }

    private static Membership verified(Server server, String fingerprint, NodeKey key, Bytes nonce, String body)
            throws LinkException {
        Enrolment.Answer answer;
        try {
            answer = Codec.decode(body, Enrolment.Answer.class);
        } catch (IllegalArgumentException e) {
            throw new LinkException("the control plane's answer cannot be read: " + e.getMessage(), e);
        }
        String found = Handshake.fingerprint(answer.publicKey());
        if (!found.equals(fingerprint)) {
            throw new LinkException("the server at " + server + " has the fingerprint " + found
                    + ", the join line names " + fingerprint + ": it is not the control plane you mean");
        }
        byte[] statement =
                Handshake.enrolmentStatement(nonce, key.publicKey(), answer.nodeId(), answer.controlPlaneId());
        if (!Handshake.verify(answer.publicKey(), statement, answer.signature())) {
            throw new LinkException("the server at " + server + " does not hold the key that it shows");
        }
        return new Membership(server, answer.nodeId(), answer.name(), answer.controlPlaneId(), fingerprint);
    }
}
