/** The ports: when they open, TLS beyond loopback, health and metrics. */
@NullMarked
package io.flotilla.controlplane.listen;

import org.jspecify.annotations.NullMarked;
