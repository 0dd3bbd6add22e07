package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.util.List;

/** One of the words behind {@code oci}. */
interface Command {

    /**
     * @return the exit status
     * @throws Refused with the message to be logged
     */
    int run(Context context, List<String> arguments) throws IOException;

    /** The exit status after a failure. */
    default int failed() {
        return 1;
    }
}
