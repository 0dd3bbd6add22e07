/** PostgreSQL: the embedded server, connections, transactions, migrations and notifications. */
@NullMarked
package io.flotilla.controlplane.database;

import org.jspecify.annotations.NullMarked;
