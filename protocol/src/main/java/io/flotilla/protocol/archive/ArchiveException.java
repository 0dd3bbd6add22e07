package io.flotilla.protocol.archive;

import java.io.IOException;

/** An archive that is malformed, hostile, or uses what image layers may not use. */
public final class ArchiveException extends IOException {

    private static final long serialVersionUID = 1;

    public ArchiveException(String message) {
        super(message);
    }
}
