/** Tests of users, tokens, quotas and the authorisation table. */
@NullMarked
package io.flotilla.controlplane.identity;

import org.jspecify.annotations.NullMarked;
