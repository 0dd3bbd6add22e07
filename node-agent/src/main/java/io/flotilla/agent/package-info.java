/** The node agent: keeps one Linux host as the control plane wants it, also while the two cannot talk. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent;
