/** System calls: the only user of jnr-ffi; one file for each concern of the kernel. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.kernel;
