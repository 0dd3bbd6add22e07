/** Takes in what nodes report: events exactly once, samples into bounded rings; and tells what changed. */
@NullMarked
package io.flotilla.controlplane.report;

import org.jspecify.annotations.NullMarked;
