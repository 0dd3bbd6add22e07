package io.flotilla.controlplane.database;

import java.sql.SQLNonTransientConnectionException;

/** The database is there, but its schema is not one that this version can use. The message says which is the older one. */
public final class DatabaseUnfitException extends SQLNonTransientConnectionException {

    public DatabaseUnfitException(String detail) {
        super(detail);
    }
}
