/** Open terminals, apart from the WebSockets that come and go. */
@NullMarked
package io.flotilla.controlplane.terminal;

import org.jspecify.annotations.NullMarked;
