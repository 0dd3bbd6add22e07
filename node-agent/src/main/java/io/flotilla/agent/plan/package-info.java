/** Decides, in pure code, what a node has to do next: desired state and observed state in, steps out. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.plan;
