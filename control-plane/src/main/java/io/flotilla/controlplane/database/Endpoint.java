package io.flotilla.controlplane.database;

/**
 * Where the database is and as whom to come: the owner migrates, the application does everything else and can touch
 * neither the schema nor written audit entries.
 *
 * @param url JDBC URL without credentials
 * @param application the application's login, which the migrations name in their grants
 */
record Endpoint(String url, Login owner, Login application) {

    /** A role of the database server and its password. */
    record Login(String name, String password) {

        /** Without the password: records end up in messages. */
        @Override
        public String toString() {
            return name;
        }
    }
}
