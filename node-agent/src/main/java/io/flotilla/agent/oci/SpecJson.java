package io.flotilla.agent.oci;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads and writes {@code config.json}. Unknown fields are skipped, as the specification's "Extensibility" demands. */
public final class SpecJson {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private SpecJson() {}

    public static String write(RuntimeSpec spec) {
        return MAPPER.writeValueAsString(spec);
    }

    /** Fails with {@link SpecException}, which names the place in the JSON. */
    public static RuntimeSpec read(String json) {
        try {
            return MAPPER.readValue(json, RuntimeSpec.class);
        } catch (JacksonException e) {
            throw new SpecException("config.json", e.getOriginalMessage(), e);
        }
    }
}
