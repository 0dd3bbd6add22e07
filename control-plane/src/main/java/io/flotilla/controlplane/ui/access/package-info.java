/** Signing in, the account, users, teams and API tokens. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.access;
