/** Tests of the scheduler: sentences, golden plans, and properties over random histories. */
@NullMarked
package io.flotilla.controlplane.schedule;

import org.jspecify.annotations.NullMarked;
