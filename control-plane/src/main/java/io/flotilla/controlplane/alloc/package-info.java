/** Allocations: one replica of one revision on one node, and what its node has reported of it. */
@NullMarked
package io.flotilla.controlplane.alloc;

import org.jspecify.annotations.NullMarked;
