/** What terminals showed: files in asciicast v2, their rows, their proof and their retention. */
@NullMarked
package io.flotilla.controlplane.recording;

import org.jspecify.annotations.NullMarked;
