/** The OCI runtime specification as records, the default spec of an ordinary container, and the user table of an image. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.oci;
