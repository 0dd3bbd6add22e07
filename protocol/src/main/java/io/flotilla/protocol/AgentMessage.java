package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a node agent says. The order of a session:
 *
 * <pre>
 * agent                                   control plane
 *   | Hello  ------------------------------->  |   who I am, versions I speak, my nonce
 *   |  <----------------------------  Challenge |   version, its nonce, its signature   (or Rejected)
 *   | Proof  ------------------------------->  |   my signature
 *   |  <------------------------------  Welcome |   session is open                     (or Rejected)
 *   | Joined ------------------------------->  |   facts, the spec I hold, what I run that I was never told of
 *   |  <-------------------------  ApplyNodeSpec|   only if mine is stale; one in flight
 *   | SpecAnswer --------------------------->  |
 *   | Events, Sample, Pulling, ...             |   in any order from here on
 *   |  <---------  EventsStored, Open, Credit, ...
 * </pre>
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = AgentMessage.Hello.class, name = "hello"),
    @JsonSubTypes.Type(value = AgentMessage.Proof.class, name = "proof"),
    @JsonSubTypes.Type(value = AgentMessage.Joined.class, name = "joined"),
    @JsonSubTypes.Type(value = AgentMessage.SpecAnswer.class, name = "specAnswer"),
    @JsonSubTypes.Type(value = AgentMessage.Events.class, name = "events"),
    @JsonSubTypes.Type(value = AgentMessage.Sample.class, name = "sample"),
    @JsonSubTypes.Type(value = AgentMessage.Pulling.class, name = "pulling"),
    @JsonSubTypes.Type(value = AgentMessage.LoginWanted.class, name = "loginWanted"),
    @JsonSubTypes.Type(value = AgentMessage.Opened.class, name = "opened"),
    @JsonSubTypes.Type(value = AgentMessage.Credit.class, name = "credit"),
    @JsonSubTypes.Type(value = AgentMessage.Closed.class, name = "closed"),
    @JsonSubTypes.Type(value = AgentMessage.Pong.class, name = "pong")
})
public sealed interface AgentMessage {

    /**
     * The first message.
     *
     * @param versions protocol versions the agent speaks, best first
     * @param nonce 32 random bytes
     */
    record Hello(UUID nodeId, List<Integer> versions, Bytes nonce, String agentVersion) implements AgentMessage {}

    /** The node's Ed25519 signature over {@link Handshake#nodeStatement}. */
    record Proof(Bytes signature) implements AgentMessage {}

    /**
     * The session is open on the agent's side.
     *
     * @param incarnation and generation of the spec in the ledger; 0 and 0 when it holds none
     * @param quarantined allocations found running that the ledger's spec does not name
     */
    record Joined(NodeFacts facts, long incarnation, long generation, List<UUID> quarantined) implements AgentMessage {}

    /**
     * The answer to an ApplyNodeSpec, sent when it is in the ledger, on disk.
     *
     * @param refused null when accepted; else why, as a sentence
     */
    record SpecAnswer(
            long incarnation, long generation, @Nullable String refused) implements AgentMessage {}

    /** Events from the durable queue, in order of seq, resent until {@link ControlMessage.EventsStored}. */
    record Events(List<AllocEvent> events) implements AgentMessage {}

    /** A reading; sent every {@link ControlMessage.Welcome#sampleMillis()}; also the heartbeat. Never resent. */
    record Sample(NodeSample sample, List<UUID> quarantined) implements AgentMessage {}

    /** Progress of a pull for an allocation; at most four a second. Never resent. */
    record Pulling(UUID allocationId, PullProgress progress) implements AgentMessage {}

    /** The agent is about to pull from a registry other than the control plane and asks for a login. */
    record LoginWanted(long requestId, UUID allocationId, ImageName image) implements AgentMessage {}

    /**
     * The answer to {@link ControlMessage.Open}.
     *
     * @param refused null when the stream is open; else why, as a sentence
     * @param code for a refusal that has one: 126 (cannot be executed), 127 (not found); else null
     */
    record Opened(
            int stream, @Nullable String refused, @Nullable Integer code) implements AgentMessage {}

    /** The agent has consumed so many payload bytes of a stream and grants them again. */
    record Credit(int stream, int bytes) implements AgentMessage {}

    /** The agent's side of a stream is done; nothing follows on it. */
    record Closed(int stream, @Nullable String reason) implements AgentMessage {}

    /** The answer to {@link ControlMessage.Ping}. */
    record Pong(long id) implements AgentMessage {}
}
