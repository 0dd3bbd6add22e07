package io.flotilla.agent.engine;

import io.flotilla.agent.oci.RuntimeSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The state of a container as hooks read it on their standard input (runtime.md, "State").
 *
 * @param bundle the directory that the spec was found in
 */
record HookState(String id, String bundle, Map<String, String> annotations) {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    HookState {
        annotations = Map.copyOf(annotations);
    }

    static HookState of(String id, String bundle, RuntimeSpec spec) {
        return new HookState(id, bundle, spec.annotations());
    }

    /** With the process's id as the host has it. */
    String text(ContainerStatus status, int pid) {
        return String.join(String.valueOf(pid), around(status));
    }

    /** For whoever answers a filter's questions (config-linux.md, "The Container Process State"). */
    List<String> forListener(ContainerStatus status, @Nullable String metadata) {
        List<String> state = around(status);
        return List.of(
                "{\"ociVersion\":" + MAPPER.writeValueAsString(RuntimeSpec.VERSION)
                        + ",\"fds\":[\"seccompFd\"],\"pid\":",
                ",\"metadata\":" + MAPPER.writeValueAsString(metadata == null ? "" : metadata) + ",\"state\":"
                        + state.getFirst(),
                state.getLast() + "}");
    }

    /** What stands before and after the process's id. */
    List<String> around(ContainerStatus status) {
        return List.of(
                "{\"ociVersion\":" + MAPPER.writeValueAsString(RuntimeSpec.VERSION) + ",\"id\":"
                        + MAPPER.writeValueAsString(id) + ",\"status\":\""
                        + status.name().toLowerCase(java.util.Locale.ROOT)
                        + "\",\"pid\":",
                ",\"bundle\":" + MAPPER.writeValueAsString(bundle) + ",\"annotations\":"
                        + MAPPER.writeValueAsString(annotations) + "}");
    }
}
