/** Identifiers that sort by time of creation. */
@NullMarked
package io.flotilla.controlplane.id;

import org.jspecify.annotations.NullMarked;
