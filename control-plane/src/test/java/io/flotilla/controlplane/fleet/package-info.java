/** A whole control plane and agents that speak the real protocol to it over real WebSockets, but run nothing. */
@NullMarked
package io.flotilla.controlplane.fleet;

import org.jspecify.annotations.NullMarked;
