@NullMarked
package io.flotilla.controlplane.recording;

import org.jspecify.annotations.NullMarked;
