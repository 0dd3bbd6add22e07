package io.flotilla.controlplane.workload;

import java.time.Instant;

/**
 * A revision as it is shown.
 *
 * @param number from 1
 */
public record RevisionView(int number, RevisionSpec spec, Instant createdAt, String createdBy) {}
