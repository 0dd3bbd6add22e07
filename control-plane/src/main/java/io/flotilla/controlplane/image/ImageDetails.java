package io.flotilla.controlplane.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import java.util.List;

/**
 * What an image's name means now, as far as can be told without downloading it.
 *
 * @param digest of the manifest or index; what a workload would be pinned to
 * @param platforms as in {@code linux/amd64}
 * @param bytes to download for the first of them; 0 if not known
 * @param command entry point and command of the first of them
 * @param ports exposed, as in {@code 8080/tcp}
 */
public record ImageDetails(
        ImageName name, Digest digest, List<String> platforms, long bytes, List<String> command, List<String> ports) {

    public ImageDetails {
        platforms = List.copyOf(platforms);
        command = List.copyOf(command);
        ports = List.copyOf(ports);
    }
}
