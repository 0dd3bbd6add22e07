package io.flotilla.controlplane.database;

import java.sql.SQLTransientConnectionException;

/** There is no database to talk to for now. The message says why, without credentials. */
public final class DatabaseAwayException extends SQLTransientConnectionException {

    DatabaseAwayException(String detail) {
        super(detail);
    }
}
