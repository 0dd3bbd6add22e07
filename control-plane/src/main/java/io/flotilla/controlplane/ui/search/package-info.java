/** The search over everything. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.search;
