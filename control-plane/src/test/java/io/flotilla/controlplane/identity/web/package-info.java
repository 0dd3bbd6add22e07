/** Tests of the gate over HTTP. */
@NullMarked
package io.flotilla.controlplane.identity.web;

import org.jspecify.annotations.NullMarked;
