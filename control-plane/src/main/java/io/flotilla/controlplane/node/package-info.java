/** The inventory of nodes: enrolment, liveness, cordon, drain and revocation. */
@NullMarked
package io.flotilla.controlplane.node;

import org.jspecify.annotations.NullMarked;
