/** Images as the OCI image specification describes them, and a client for the registries that serve them. */
@org.jspecify.annotations.NullMarked
package io.flotilla.protocol.registry;
