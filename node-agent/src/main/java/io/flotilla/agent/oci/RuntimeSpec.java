package io.flotilla.agent.oci;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code config.json} of the OCI runtime specification, version 1.2, as far as it speaks of Linux: the engine's one
 * input. Absent lists and maps are empty, absent scalars null.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RuntimeSpec(
        String ociVersion,
        @Nullable ProcessSpec process,
        @Nullable Root root,
        @Nullable String hostname,
        @Nullable String domainname,
        List<Mount> mounts,
        @Nullable Hooks hooks,
        Map<String, String> annotations,
        @Nullable LinuxSpec linux) {

    public static final String VERSION = "1.2.1";

    public RuntimeSpec {
        mounts = Lists.copy(mounts);
        annotations = Lists.copy(annotations);
    }

    /** @throws SpecException if the spec has no {@code process} */
    public ProcessSpec requireProcess() {
        if (process == null) {
            throw new SpecException("process", "is missing");
        }
        return process;
    }

    /** @throws SpecException if the spec has no {@code linux} */
    public LinuxSpec requireLinux() {
        if (linux == null) {
            throw new SpecException("linux", "is missing");
        }
        return linux;
    }

    /** The same with other mounts. */
    public RuntimeSpec withMounts(List<Mount> others) {
        return new RuntimeSpec(ociVersion, process, root, hostname, domainname, others, hooks, annotations, linux);
    }

    /** {@code path} is relative to the bundle or absolute. */
    public record Root(String path, boolean readonly) {}

    /** One entry of {@code mounts}: {@code options} are those of mount(8) and the specification's own. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Mount(
            String destination,
            @Nullable String type,
            @Nullable String source,
            List<String> options,
            List<LinuxSpec.IdMapping> uidMappings,
            List<LinuxSpec.IdMapping> gidMappings) {
        public Mount {
            options = Lists.copy(options);
            uidMappings = Lists.copy(uidMappings);
            gidMappings = Lists.copy(gidMappings);
        }

        public static Mount of(String destination, String type, String source, String... options) {
            return new Mount(destination, type, source, List.of(options), List.of(), List.of());
        }
    }

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Hooks(
            List<Hook> prestart,
            List<Hook> createRuntime,
            List<Hook> createContainer,
            List<Hook> startContainer,
            List<Hook> poststart,
            List<Hook> poststop) {
        public Hooks {
            prestart = Lists.copy(prestart);
            createRuntime = Lists.copy(createRuntime);
            createContainer = Lists.copy(createContainer);
            startContainer = Lists.copy(startContainer);
            poststart = Lists.copy(poststart);
            poststop = Lists.copy(poststop);
        }

        /** Whether nothing is to be called. */
        @JsonIgnore
        public boolean isEmpty() {
            return Stream.of(prestart, createRuntime, createContainer, startContainer, poststart, poststop)
                    .allMatch(List::isEmpty);
        }
    }

    /** {@code timeout} in seconds. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Hook(
            String path,
            List<String> args,
            List<String> env,
            @Nullable Integer timeout) {
        public Hook {
            args = Lists.copy(args);
            env = Lists.copy(env);
        }
    }
}
