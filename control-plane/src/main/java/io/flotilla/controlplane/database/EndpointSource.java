package io.flotilla.controlplane.database;

import java.io.IOException;
import java.sql.SQLException;

/** Where the database comes from. */
interface EndpointSource {

    /** Makes sure that the server runs and the roles exist. Called again after every loss. */
    Endpoint open() throws IOException, SQLException, InterruptedException;

    /** Ends the server if it is ours. */
    void close();
}
