/** The Fleet page, the page of one node, and joining another. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.fleet;
