/** The append-only, hash-chained record of every accepted change and every refusal. */
@NullMarked
package io.flotilla.controlplane.audit;

import org.jspecify.annotations.NullMarked;
