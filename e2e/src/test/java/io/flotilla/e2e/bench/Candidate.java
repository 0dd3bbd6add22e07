package io.flotilla.e2e.bench;

import java.io.IOException;

/** One way to run /bin/true in a container of its own, from nothing to nothing. */
interface Candidate extends AutoCloseable {

    /** What stands in the table. */
    String name();

    /** Runs once and returns the time that it took, in microseconds. */
    long run() throws Exception;

    @Override
    void close() throws IOException;
}
