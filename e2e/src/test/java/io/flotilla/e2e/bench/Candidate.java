package io.flotilla.e2e.bench;

import java.io.IOException;

/** One way to do what is measured, from nothing to nothing: run /bin/true in a container of its own, say. */
interface Candidate extends AutoCloseable {

    /** What stands in the table. */
    String name();

    /** Runs once and returns the time that it took, in microseconds. */
    long run() throws Exception;

    @Override
    default void close() throws IOException {}

    /** What {@link #run} does. */
    interface Run {
        long micros() throws Exception;
    }

    /** One that leaves nothing to close. */
    static Candidate of(String name, Run run) {
        return new Candidate() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public long run() throws Exception {
                return run.micros();
            }
        };
    }
}
