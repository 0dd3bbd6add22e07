/** Errors that a caller can act on, as RFC 9457 problem details. */
@NullMarked
package io.flotilla.controlplane.problem;

import org.jspecify.annotations.NullMarked;
