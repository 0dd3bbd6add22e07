/** The Launch page: its form, its plan, and the command lines and Compose files that can be pasted into it. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.launch;
