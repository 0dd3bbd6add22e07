/** The Terminal page; its connection is in the terminal package beside ui. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.terminal;
