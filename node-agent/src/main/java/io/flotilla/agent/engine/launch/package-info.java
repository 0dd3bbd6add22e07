/** The launch plan, and the client of the shim that carries it out and stays as the container's parent. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.engine.launch;
