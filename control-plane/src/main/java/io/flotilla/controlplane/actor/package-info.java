/** Who acts: the caller of a request or the system itself, with what they may see and change. */
@NullMarked
package io.flotilla.controlplane.actor;

import org.jspecify.annotations.NullMarked;
