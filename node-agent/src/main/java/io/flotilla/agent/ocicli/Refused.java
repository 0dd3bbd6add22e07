package io.flotilla.agent.ocicli;

import java.io.IOException;

/** A command cannot be carried out; the message is for whoever called it, who may look for runc's very words in it. */
final class Refused extends IOException {

    private static final long serialVersionUID = 1;

    Refused(String message) {
        super(message);
    }

    Refused(String message, Throwable cause) {
        super(message, cause);
    }

    static Refused noSuchContainer() {
        return new Refused("container does not exist");
    }
}
