package io.flotilla.controlplane.database;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

/** There is no database to talk to for now. The message says why, without credentials. */
public final class DatabaseAwayException extends SQLTransientConnectionException {

    DatabaseAwayException(String detail) {
        super(detail);
    }

    /**
     * Whether the connection broke in the middle (class 08) or the server ended it (57P01 to 57P05): PostgreSQL
     * documentation, appendix A.
     */
    public static boolean cutOff(Throwable failed) {
        String state = failed instanceof SQLException sql ? sql.getSQLState() : null;
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
    }
}
