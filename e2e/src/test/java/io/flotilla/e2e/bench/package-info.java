/** Measurements for people to read: medians and ratios of one run, never a test that fails for being slow. */
@NullMarked
package io.flotilla.e2e.bench;

import org.jspecify.annotations.NullMarked;
