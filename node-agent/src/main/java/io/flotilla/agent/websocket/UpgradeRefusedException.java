package io.flotilla.agent.websocket;

import java.io.IOException;

/** The server answered the upgrade by an ordinary response. */
public final class UpgradeRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String body;

    UpgradeRefusedException(String uri, int status, String body) {
        super(uri + " answered " + status + (body.isBlank() ? "" : ": " + body.strip()));
        this.status = status;
        this.body = body;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The first kilobytes of the response's body. */
    public String body() {
        return body;
    }
}
