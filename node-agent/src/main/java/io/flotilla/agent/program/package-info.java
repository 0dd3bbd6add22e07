/** The agent as a program: puts the parts together and answers the command line. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.program;
