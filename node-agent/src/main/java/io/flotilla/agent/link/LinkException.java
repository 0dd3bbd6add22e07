package io.flotilla.agent.link;

import java.io.IOException;

/** The control plane and this agent do not get together; the message says why. */
public final class LinkException extends IOException {

    private static final long serialVersionUID = 1L;

    private final boolean lasting;

    LinkException(String message) {
        this(message, false);
    }

    LinkException(String message, Throwable cause) {
        super(message, cause);
        this.lasting = false;
    }

    LinkException(String message, boolean lasting) {
        super(message);
        this.lasting = lasting;
    }

    /** Trying again soon will not help: a person has to do something first. */
    public boolean lasting() {
        return lasting;
    }
}
