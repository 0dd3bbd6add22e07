/** The Logs page. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.logs;
