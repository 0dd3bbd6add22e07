/** The list of workloads and the page of one. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.workload;
