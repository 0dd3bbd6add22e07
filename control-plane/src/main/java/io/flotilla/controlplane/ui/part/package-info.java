/** Parts that several pages show: gauges, charts, timelines, differences, pulls, questions. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.part;
