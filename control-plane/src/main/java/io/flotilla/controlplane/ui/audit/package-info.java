/** The Audit page and the recordings of terminals that it leads to. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.audit;
