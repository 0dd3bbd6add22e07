package io.flotilla.controlplane.listen;

import io.flotilla.controlplane.database.Database;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Holds the ports closed until the database is ready or known to be away: who gets a connection gets an answer. */
@Component
class OpenLast implements SmartLifecycle {

    /** Below the web server's, which is the greatest integer minus 2048. */
    static final int PHASE = Integer.MAX_VALUE - 3000;

    private final Database database;
    private volatile boolean running;

    OpenLast(Database database) {
        this.database = database;
    }

    @Override
    public void start() {
        try {
            database.awaitFirstAnswer();
            running = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
