/** Reads the log segments that shims write, as records with cursors. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.logs;
