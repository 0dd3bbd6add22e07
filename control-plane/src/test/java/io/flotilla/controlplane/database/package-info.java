/** Tests against a real PostgreSQL, and the extension that provides one. */
@NullMarked
package io.flotilla.controlplane.database;

import org.jspecify.annotations.NullMarked;
