/** Tests of the whole control plane, started as the program starts it. */
@NullMarked
package io.flotilla.controlplane;

import org.jspecify.annotations.NullMarked;
