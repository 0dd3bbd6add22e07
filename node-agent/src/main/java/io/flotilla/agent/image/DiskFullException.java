package io.flotilla.agent.image;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A pull was given up and cleaned away because the node's disk is full, or would have been. */
public final class DiskFullException extends IOException {

    private static final long serialVersionUID = 1;

    DiskFullException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
