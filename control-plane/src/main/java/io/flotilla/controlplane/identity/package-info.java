/** Users, teams, passwords, browser sessions, API tokens and the one table that says who may call what. */
@NullMarked
package io.flotilla.controlplane.identity;

import org.jspecify.annotations.NullMarked;
