package io.flotilla.agent.websocket;

/** What a peer has sent, whole. */
public sealed interface Message {

    record Text(String text) implements Message {}

    /** The array belongs to the receiver. */
    @SuppressWarnings("ArrayRecordComponent") // Lives for one hop and is never compared.
    record Binary(byte[] payload) implements Message {}

    /**
     * The connection is over; nothing follows.
     *
     * @param code as RFC 6455 section 7.4 counts them; 1005 when the peer gave none
     */
    record Closed(int code, String reason) implements Message {}
}
