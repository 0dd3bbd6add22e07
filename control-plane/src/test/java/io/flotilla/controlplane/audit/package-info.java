/** Tests of the audit log on a real PostgreSQL. */
@NullMarked
package io.flotilla.controlplane.audit;

import org.jspecify.annotations.NullMarked;
