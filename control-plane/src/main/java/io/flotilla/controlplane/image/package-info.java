/** Images that the control plane keeps itself, and what the names of all others mean at their registries. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.image;
