package io.flotilla.controlplane.database;

/**
 * A bean that has work to do once the database is there and migrated, before requests are answered: once per start and
 * again if the server moved. Must be idempotent; an exception is logged and everything tried again.
 */
public interface OnDatabaseReady {

    void databaseReady();
}
