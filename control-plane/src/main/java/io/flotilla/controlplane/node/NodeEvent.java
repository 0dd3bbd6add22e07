package io.flotilla.controlplane.node;

import java.time.Instant;
import java.util.UUID;

/**
 * One thing that happened to a node, for its timeline.
 *
 * @param kind {@code enrolled}, {@code connected}, {@code disconnected}, {@code lost}, {@code back}, ...
 * @param detail one sentence
 */
public record NodeEvent(UUID id, UUID nodeId, Instant at, String kind, String detail) {}
