/** The REST interface below {@code /api/v1}. */
@NullMarked
package io.flotilla.controlplane.api;

import org.jspecify.annotations.NullMarked;
