/** Reads what the host is and how busy it is. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.observe;
