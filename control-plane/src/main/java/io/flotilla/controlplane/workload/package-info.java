/** Desired state: workloads, their revisions, and the changes that people make to them. */
@NullMarked
package io.flotilla.controlplane.workload;

import org.jspecify.annotations.NullMarked;
