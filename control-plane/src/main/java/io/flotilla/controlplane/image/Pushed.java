package io.flotilla.controlplane.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;

/**
 * An image that a registry has now.
 *
 * @param uploaded blobs that were sent
 * @param mounted blobs that the registry took from another one of its repositories
 * @param present blobs that were there
 * @param sentBytes of those that were sent
 */
public record Pushed(ImageName name, Digest digest, int uploaded, int mounted, int present, long sentBytes) {}
