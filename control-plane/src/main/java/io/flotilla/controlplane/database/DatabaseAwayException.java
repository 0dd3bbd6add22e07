package io.flotilla.controlplane.database;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Objects;

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
        String state = state(failed);
        return state.startsWith("08") || state.startsWith("57P");
    }

    /** Whether the database is there and has no room to write (class 53100). */
    public static boolean diskFull(Throwable failed) {
        return state(failed).equals("53100");
    }

    private static String state(Throwable failed) {
        return failed instanceof SQLException sql ? Objects.requireNonNullElse(sql.getSQLState(), "") : "";
    }
}
