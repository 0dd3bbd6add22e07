/** The gate in front of every route: who asks, from where, and whether they may. */
@NullMarked
package io.flotilla.controlplane.identity.web;

import org.jspecify.annotations.NullMarked;
