package io.flotilla.protocol.registry;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.flotilla.protocol.Digest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an image wants to be run, and the digests of its unpacked layers (OCI image specification, config.md).
 *
 * @param created RFC 3339, as the image's maker wrote it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ImageConfig(
        @Nullable String created,
        @Nullable String author,
        String architecture,
        String os,
        @Nullable String variant,
        Defaults config,
        RootFs rootfs,
        List<History> history) {

    public ImageConfig {
        if (rootfs == null) {
            throw new IllegalArgumentException("an image config needs rootfs");
        }
        os = os == null ? "unknown" : os;
        architecture = architecture == null ? "unknown" : architecture;
        config = config == null ? Defaults.EMPTY : config;
        history = history == null ? List.of() : List.copyOf(history);
    }

    /** What the image runs on. */
    @JsonIgnore
    public Platform platform() {
        return new Platform(os, architecture, variant);
    }

    /**
     * The process that a container of the image starts.
     *
     * @param user {@code user[:group]}, names or numbers; empty means root
     * @param exposedPorts {@code 8080}, {@code 8080/tcp} or {@code 53/udp}
     * @param env {@code NAME=value}
     * @param entrypoint what is always run; the command line is entrypoint then cmd
     * @param cmd arguments that a workload's command replaces
     * @param volumes paths in the container
     * @param workingDir absolute; empty means {@code /}
     * @param stopSignal name or number; empty means SIGTERM
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Defaults(
            @JsonProperty("User") String user,
            @JsonProperty("ExposedPorts") Set<String> exposedPorts,
            @JsonProperty("Env") List<String> env,
            @JsonProperty("Entrypoint") List<String> entrypoint,
            @JsonProperty("Cmd") List<String> cmd,
            @JsonProperty("Volumes") Set<String> volumes,
            @JsonProperty("WorkingDir") String workingDir,
            @JsonProperty("Labels") Map<String, String> labels,
            @JsonProperty("StopSignal") String stopSignal) {

        public static final Defaults EMPTY =
                new Defaults("", Set.of(), List.of(), List.of(), List.of(), Set.of(), "", Map.of(), "");

        public Defaults {
            user = user == null ? "" : user;
            exposedPorts = exposedPorts == null ? Set.of() : Set.copyOf(exposedPorts);
            env = env == null ? List.of() : List.copyOf(env);
            entrypoint = entrypoint == null ? List.of() : List.copyOf(entrypoint);
            cmd = cmd == null ? List.of() : List.copyOf(cmd);
            volumes = volumes == null ? Set.of() : Set.copyOf(volumes);
            workingDir = workingDir == null ? "" : workingDir;
            labels = labels == null ? Map.of() : Map.copyOf(labels);
            stopSignal = stopSignal == null ? "" : stopSignal;
        }
    }

    /** The unpacked layers: digests of the uncompressed archives, lowest first. */
    public record RootFs(
            String type, @JsonProperty("diff_ids") List<Digest> diffIds) {

        public RootFs {
            diffIds = diffIds == null ? List.of() : List.copyOf(diffIds);
            type = type == null ? "layers" : type;
        }
    }

    /** How a layer came to be; for people. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record History(
            @Nullable String created,
            @JsonProperty("created_by") @Nullable String createdBy,
            @Nullable String comment,
            @JsonProperty("empty_layer") boolean emptyLayer) {}
}
