package io.flotilla.agent.oci;

import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes {@code config.json}. What the specification does not know is no error, as its section "Extensibility"
 * demands, but told; what it knows is all in the model, and carried out or refused by name.
 */
public final class SpecJson {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private SpecJson() {}

    /**
     * A document as it was written.
     *
     * @param unknown places of fields that mean nothing to the engine, to be warned of
     */
    public record Document(RuntimeSpec spec, List<String> unknown) {
        public Document {
            unknown = List.copyOf(unknown);
        }
    }

    public static String write(RuntimeSpec spec) {
        return MAPPER.writeValueAsString(spec);
    }

    /** Fails with {@link SpecException}, which names the place in the JSON. */
    public static RuntimeSpec read(String json) {
        return document(json).spec();
    }

    /** As {@link #read}, and says which fields were left alone. */
    public static Document document(String json) {
        try {
            JsonNode tree = MAPPER.readTree(json);
            return new Document(MAPPER.treeToValue(tree, RuntimeSpec.class), SpecFields.unknown(tree));
        } catch (DatabindException e) {
            throw new SpecException(place(e), e.getOriginalMessage(), e);
        } catch (JacksonException e) {
            throw new SpecException("config.json", e.getOriginalMessage(), e);
        }
    }

    private static String place(DatabindException e) {
        String path = e.getPath().stream()
                .map(step ->
                        step.getPropertyName() == null ? "[" + step.getIndex() + "]" : "." + step.getPropertyName())
                .collect(Collectors.joining());
        return path.isEmpty() ? "config.json" : path.substring(1);
    }
}
