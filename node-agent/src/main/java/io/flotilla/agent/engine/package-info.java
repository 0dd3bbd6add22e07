/** The container engine: carries out what the plan decided, over cgroups, snapshots, networks and shims. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.engine;
