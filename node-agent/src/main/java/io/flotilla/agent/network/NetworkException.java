package io.flotilla.agent.network;

import java.io.IOException;

/** The node's network could not be made or changed; the message names the operation and its subject. */
public class NetworkException extends IOException {

    private static final long serialVersionUID = 1L;

    NetworkException(String message) {
        super(message);
    }

    NetworkException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
