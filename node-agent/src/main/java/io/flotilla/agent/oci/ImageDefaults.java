package io.flotilla.agent.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an image says about its containers: the execution parameters of the OCI image configuration.
 *
 * @param env {@code NAME=value}
 * @param user {@code user[:group]}; null or empty for root
 * @param volumes directories that the image means for data
 */
public record ImageDefaults(
        List<String> entrypoint,
        List<String> command,
        List<String> env,
        @Nullable String user,
        @Nullable String workingDir,
        @Nullable String stopSignal,
        List<String> volumes) {

    public ImageDefaults {
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        env = List.copyOf(env);
        volumes = List.copyOf(volumes);
    }
}
