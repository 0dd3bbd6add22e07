package io.flotilla.protocol;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON of the session: camelCase, times as RFC 3339 in UTC, statuses in lower case. Fields that a newer peer added are
 * ignored; a message type that is unknown is an error.
 */
public final class Codec {

    /** Largest JSON message, in bytes. */
    public static final int MAX_MESSAGE_BYTES = 8 << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private Codec() {}

    public static String encode(Object message) {
        return MAPPER.writeValueAsString(message);
    }

    /** Reads a message; {@link IllegalArgumentException} says what is wrong with it. */
    public static <T> T decode(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not a " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
        }
    }

    public static AgentMessage agentMessage(String json) {
        return decode(json, AgentMessage.class);
    }

    public static ControlMessage controlMessage(String json) {
        return decode(json, ControlMessage.class);
    }
}
