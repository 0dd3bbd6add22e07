/** Writable directory trees on top of image layers, one for each allocation. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.snapshot;
