package io.flotilla.agent.oci;

import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes {@code config.json}. Fields that the specification does not know are skipped, as its section
 * "Extensibility" demands; those that it knows and the engine does not are refused.
 */
public final class SpecJson {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** Fields of the specification's Linux part that the model leaves out. */
    private static final List<String> UNSUPPORTED = List.of(
            "process.execCPUAffinity",
            "linux.intelRdt",
            "linux.memoryPolicy",
            "linux.netDevices",
            "linux.resources.network",
            "linux.resources.rdma",
            "linux.resources.cpu.realtimeRuntime",
            "linux.resources.cpu.realtimePeriod",
            "linux.resources.memory.kernel",
            "linux.resources.memory.kernelTCP",
            "linux.resources.memory.checkBeforeUpdate");

    private SpecJson() {}

    public static String write(RuntimeSpec spec) {
        return MAPPER.writeValueAsString(spec);
    }

    /** Fails with {@link SpecException}, which names the place in the JSON. */
    public static RuntimeSpec read(String json) {
        try {
            JsonNode tree = MAPPER.readTree(json);
            for (String field : UNSUPPORTED) {
                JsonNode found = tree.at("/" + field.replace('.', '/'));
                boolean without = found.isMissingNode() || found.isNull() || (found.isContainer() && found.isEmpty());
                if (!without) {
                    throw new SpecException(field, "is not supported");
                }
            }
            return MAPPER.treeToValue(tree, RuntimeSpec.class);
        } catch (JacksonException e) {
            throw new SpecException("config.json", e.getOriginalMessage(), e);
        }
    }
}
