package io.flotilla.agent.cli;

import java.io.IOException;

/** The control plane refused a request; the message is its own sentence. */
final class ApiException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;

    ApiException(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }
}
