/** The control plane: desired state in PostgreSQL, sessions with the nodes, REST and the dashboard. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane;
