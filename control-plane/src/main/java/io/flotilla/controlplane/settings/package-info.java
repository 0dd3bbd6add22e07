/** What the operator decides when starting the control plane. */
@NullMarked
package io.flotilla.controlplane.settings;

import org.jspecify.annotations.NullMarked;
