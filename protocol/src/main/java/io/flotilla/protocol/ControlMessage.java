package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.flotilla.protocol.registry.RegistryAccess;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the control plane says. The order of a session is drawn at {@link AgentMessage}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ControlMessage.Challenge.class, name = "challenge"),
    @JsonSubTypes.Type(value = ControlMessage.Welcome.class, name = "welcome"),
    @JsonSubTypes.Type(value = ControlMessage.Rejected.class, name = "rejected"),
    @JsonSubTypes.Type(value = ControlMessage.ApplyNodeSpec.class, name = "applyNodeSpec"),
    @JsonSubTypes.Type(value = ControlMessage.EventsStored.class, name = "eventsStored"),
    @JsonSubTypes.Type(value = ControlMessage.Login.class, name = "login"),
    @JsonSubTypes.Type(value = ControlMessage.Open.class, name = "open"),
    @JsonSubTypes.Type(value = ControlMessage.Credit.class, name = "credit"),
    @JsonSubTypes.Type(value = ControlMessage.Closed.class, name = "closed"),
    @JsonSubTypes.Type(value = ControlMessage.AuditHead.class, name = "auditHead"),
    @JsonSubTypes.Type(value = ControlMessage.Ping.class, name = "ping")
})
public sealed interface ControlMessage {

    /**
     * The answer to Hello.
     *
     * @param version the highest version both speak
     * @param publicKey the control plane's Ed25519 identity key, 32 bytes; the agent compares its SHA-256 with the one it joined by
     * @param nonce 32 random bytes
     * @param signature over {@link Handshake#controlPlaneStatement}
     */
    record Challenge(UUID controlPlaneId, int version, Bytes publicKey, Bytes nonce, Bytes signature)
            implements ControlMessage {}

    /**
     * The session is open.
     *
     * @param sampleMillis how often the agent sends a Sample, in milliseconds
     * @param registryToken bearer token for {@code /v2/} at the control plane while this session lasts
     */
    record Welcome(long sampleMillis, String registryToken) implements ControlMessage {}

    /** The session will not be opened and is closed after this. */
    record Rejected(Reason reason, String message) implements ControlMessage {

        /** Why; decides whether the agent tries again soon. */
        public enum Reason {
            @com.fasterxml.jackson.annotation.JsonProperty("version")
            VERSION,
            @com.fasterxml.jackson.annotation.JsonProperty("unknownNode")
            UNKNOWN_NODE,
            @com.fasterxml.jackson.annotation.JsonProperty("revoked")
            REVOKED,
            @com.fasterxml.jackson.annotation.JsonProperty("signature")
            SIGNATURE,
            @com.fasterxml.jackson.annotation.JsonProperty("unavailable")
            UNAVAILABLE
        }
    }

    /** The whole of what the node shall run. */
    record ApplyNodeSpec(NodeSpec spec) implements ControlMessage {}

    /** Every event up to this seq is stored; the agent may forget them. */
    record EventsStored(long seq) implements ControlMessage {}

    /**
     * The answer to {@link AgentMessage.LoginWanted}.
     *
     * @param user and password are null for anonymous; all that agents of before {@code access} know
     * @param access how the registry is reached, login included; null from a control plane that does not know the field
     */
    record Login(
            long requestId,
            @Nullable String user,
            @Nullable String password,
            @Nullable RegistryAccess access) implements ControlMessage {

        /** Shows no password. */
        @Override
        public String toString() {
            return "Login[requestId=" + requestId + ", user=" + user + "]";
        }
    }

    /**
     * Opens a byte stream.
     *
     * @param stream chosen by the control plane, never reused within a session
     * @param commandId idempotent: a repeated one is refused
     */
    record Open(int stream, UUID commandId, Target target) implements ControlMessage {}

    /** What a stream shall carry. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Target.Exec.class, name = "exec"),
        @JsonSubTypes.Type(value = Target.Attach.class, name = "attach"),
        @JsonSubTypes.Type(value = Target.Logs.class, name = "logs"),
        @JsonSubTypes.Type(value = Target.Images.class, name = "images"),
        @JsonSubTypes.Type(value = Target.Applied.class, name = "applied")
    })
    sealed interface Target {

        /** A new process in the running container. Frames: STDIN, STDIN_END, RESIZE down; STDOUT, STDERR, EXIT up. */
        record Exec(UUID allocationId, ExecSpec exec) implements Target {}

        /** The streams of the container's first process; the same frames. EXIT comes when the attempt ends. */
        record Attach(UUID allocationId) implements Target {}

        /** Log records. Frames: LOG up, each payload whole lines of NDJSON ({@link LogRecord}). */
        record Logs(UUID allocationId, LogQuery query) implements Target {}

        /** The node's images. Frames: STDOUT up, together one {@link NodeImages} as JSON. */
        record Images(NodeImages.Request request) implements Target {}

        /** What is in force for the running container. Frames: STDOUT up, together one {@link AppliedState} as JSON. */
        record Applied(UUID allocationId) implements Target {}
    }

    /** The control plane has consumed so many payload bytes of a stream and grants them again. */
    record Credit(int stream, int bytes) implements ControlMessage {}

    /** The control plane no longer wants the stream: an exec is hung up, an attach detached, logs ended. */
    record Closed(int stream, @Nullable String reason) implements ControlMessage {}

    /** The newest head of the audit chain, kept by every agent so that a truncated log is found out. */
    record AuditHead(long seq, String hash) implements ControlMessage {}

    /** Asks for a Pong at once. */
    record Ping(long id) implements ControlMessage {}
}
