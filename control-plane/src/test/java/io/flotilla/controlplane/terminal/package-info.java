@NullMarked
package io.flotilla.controlplane.terminal;

import org.jspecify.annotations.NullMarked;
