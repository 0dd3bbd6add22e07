/** The dashboard: pages, live updates, the terminal and the logs in the browser. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui;
