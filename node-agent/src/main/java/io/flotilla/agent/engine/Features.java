package io.flotilla.agent.engine;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.flotilla.agent.oci.Capability;
import io.flotilla.agent.oci.LinuxSpec.NamespaceType;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.seccomp.FilterFlags;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What this engine knows, in the form of the runtime specification's {@code features} document: apart from capabilities, about
 * the program and not about the host, so that a caller can tell what it may ask for.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Features(
        String ociVersionMin,
        String ociVersionMax,
        List<String> hooks,
        List<String> mountOptions,
        Linux linux,
        Map<String, String> annotations) {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    record Linux(
            List<String> namespaces,
            List<String> capabilities,
            Cgroup cgroup,
            Seccomp seccomp,
            Switch apparmor,
            Switch selinux,
            Switch intelRdt,
            MountExtensions mountExtensions,
            Switch netDevices) {}

    record Cgroup(boolean v1, boolean v2, boolean systemd, boolean systemdUser, boolean rdma) {}

    record Seccomp(
            boolean enabled,
            List<String> actions,
            List<String> operators,
            List<String> archs,
            List<String> knownFlags,
            List<String> supportedFlags) {}

    record MountExtensions(Switch idmap) {}

    record Switch(boolean enabled) {}

    /** @param version this program's */
    public static Features of(String version, Facilities facilities) {
        return new Features(
                "1.0.0",
                RuntimeSpec.VERSION,
                List.of("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"),
                MountOptions.known(),
                new Linux(
                        Stream.of(NamespaceType.values())
                                .map(type -> type.name().toLowerCase(Locale.ROOT))
                                .sorted()
                                .toList(),
                        Capability.ofBits(facilities.knownCapabilities()),
                        new Cgroup(true, true, false, false, true),
                        new Seccomp(
                                true,
                                FilterFlags.actions(),
                                FilterFlags.comparisons(),
                                FilterFlags.architectures(),
                                FilterFlags.names(),
                                FilterFlags.names()),
                        new Switch(true),
                        new Switch(true),
                        new Switch(false),
                        new MountExtensions(new Switch(true)),
                        new Switch(true)),
                Map.of("io.flotilla.version", version));
    }

    public String json() {
        return MAPPER.writeValueAsString(this);
    }
}
