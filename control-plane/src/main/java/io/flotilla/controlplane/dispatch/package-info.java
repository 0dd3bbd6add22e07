/** Sessions with node agents: the signed handshake, delivery of NodeSpecs, and streams that stall nobody else. */
@NullMarked
package io.flotilla.controlplane.dispatch;

import org.jspecify.annotations.NullMarked;
