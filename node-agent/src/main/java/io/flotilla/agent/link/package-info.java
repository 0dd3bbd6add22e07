/** The agent's one connection to the control plane: enrolment, session, streams. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.link;
