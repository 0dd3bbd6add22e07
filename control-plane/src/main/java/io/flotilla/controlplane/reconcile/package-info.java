/** Brings desired and observed together: loads the cluster's state, asks the scheduler, writes its plan. */
@NullMarked
package io.flotilla.controlplane.reconcile;

import org.jspecify.annotations.NullMarked;
