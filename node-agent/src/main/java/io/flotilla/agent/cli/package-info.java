/** Commands for people at a terminal: a client of the control plane's REST interface and WebSockets. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.cli;
