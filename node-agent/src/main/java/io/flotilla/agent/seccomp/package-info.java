/** System call filters: the default profile in a form of its own, profiles in the OCI form, and their compilation to BPF. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.seccomp;
