/** {@code flotilla-agent oci}: the engine as an OCI runtime that other engines drive. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.ocicli;
