/** The agent session: messages between control plane and node agent, their codec and their order. */
@org.jspecify.annotations.NullMarked
package io.flotilla.protocol;
