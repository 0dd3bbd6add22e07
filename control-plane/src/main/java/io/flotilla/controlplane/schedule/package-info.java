/** Decides, purely, which node runs what: the state of the cluster in, a plan with its reasons out. */
@NullMarked
package io.flotilla.controlplane.schedule;

import org.jspecify.annotations.NullMarked;
