package io.flotilla.agent.link;

import io.flotilla.agent.websocket.Message;
import io.flotilla.agent.websocket.WebSocket;
import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.Handshake;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;

/** The opening of a session: both sides sign both nonces (order of messages: {@link AgentMessage}). */
final class Opening {

    private Opening() {}

    static ControlMessage.Welcome perform(
            WebSocket socket, Membership membership, NodeKey key, String agentVersion, SecureRandom random)
            throws IOException {
        Bytes nonce = Bytes.random(random, 32);
        List<Integer> versions = List.of(Handshake.VERSION);
        socket.sendText(Codec.encode(
                (AgentMessage) new AgentMessage.Hello(membership.nodeId(), versions, nonce, agentVersion)));
        if (!(receive(socket) instanceof ControlMessage.Challenge challenge)) {
            throw new LinkException("the control plane did not answer Hello by a Challenge");
        }
        verify(membership, nonce, challenge);
        byte[] statement = Handshake.nodeStatement(
                nonce, challenge.nonce(), membership.nodeId(), membership.controlPlaneId(), challenge.version());
        socket.sendText(Codec.encode((AgentMessage) new AgentMessage.Proof(key.sign(statement))));
        if (!(receive(socket) instanceof ControlMessage.Welcome welcome)) {
            throw new LinkException("the control plane did not answer Proof by a Welcome");
        }
        return welcome;
    }

    private static void verify(Membership membership, Bytes nonce, ControlMessage.Challenge challenge)
            throws LinkException {
        String found = Handshake.fingerprint(challenge.publicKey());
        if (!found.equals(membership.fingerprint())) {
            throw new LinkException(
                    "the server has the fingerprint " + found + ", this node joined " + membership.fingerprint(), true);
        }
        if (!challenge.controlPlaneId().equals(membership.controlPlaneId())) {
            throw new LinkException(
                    "the server is control plane " + challenge.controlPlaneId() + ", this node joined "
                            + membership.controlPlaneId(),
                    true);
        }
        if (challenge.version() != Handshake.VERSION) {
            throw new LinkException(
                    "the control plane chose protocol version " + challenge.version() + ", which was not offered",
                    true);
        }
        byte[] statement = Handshake.controlPlaneStatement(
                nonce, challenge.nonce(), membership.nodeId(), challenge.controlPlaneId(), challenge.version());
        if (!Handshake.verify(challenge.publicKey(), statement, challenge.signature())) {
            throw new LinkException("the server does not hold the key that it shows", true);
        }
    }

    private static ControlMessage receive(WebSocket socket) throws IOException {
        return switch (socket.receive()) {
            case Message.Text text -> understood(text.text());
            case Message.Binary _ -> throw new LinkException("the control plane sent bytes during the handshake");
            case Message.Closed closed ->
                throw new LinkException("the control plane hung up during the handshake: " + closed.reason());
        };
    }

    private static ControlMessage understood(String json) throws LinkException {
        ControlMessage message;
        try {
            message = Codec.controlMessage(json);
        } catch (IllegalArgumentException e) {
            throw new LinkException("the control plane sent a bad message: " + e.getMessage(), e);
        }
        if (message instanceof ControlMessage.Rejected rejected) {
            boolean lasting = rejected.reason() != ControlMessage.Rejected.Reason.UNAVAILABLE;
            throw new LinkException("the control plane rejects this node: " + rejected.message(), lasting);
        }
        return message;
    }
}
