/** Tests of the control plane's images on a real disk and a real database. */
@NullMarked
package io.flotilla.controlplane.image;

import org.jspecify.annotations.NullMarked;
