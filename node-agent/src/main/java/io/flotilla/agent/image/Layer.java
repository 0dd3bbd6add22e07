package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;

/**
 * An unpacked layer.
 *
 * @param number the name of its directory
 * @param bytes of the uncompressed archive
 * @param hidesAllBelow the layer declares its root opaque
 * @param omitted members and attributes that were left out on purpose
 */
record Layer(Digest diffId, long number, long bytes, boolean hidesAllBelow, long omitted) {}
