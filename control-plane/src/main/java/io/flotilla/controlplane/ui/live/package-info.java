/** Live updates: a page is rendered again after a hint, and the regions that differ are sent. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.live;
