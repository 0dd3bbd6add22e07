package io.flotilla.agent.image;

import io.flotilla.agent.kernel.Errno;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A pull was given up and cleaned away because the node's disk is full, or would have been. */
public final class DiskFullException extends IOException {

    private static final long serialVersionUID = 1;

    /** The same failure under its own name, if it is for want of space; the Java library tells by the message alone. */
    static IOException orOther(IOException failure, Path place) {
        if (failure instanceof DiskFullException) {
            return failure;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String told = String.valueOf(cause.getMessage());
            if (told.contains(Errno.ENOSPC.text()) || told.contains(Errno.EDQUOT.text())) {
                return new DiskFullException("disk full: " + place + " has no room for the image", failure);
            }
        }
        return failure;
    }

    DiskFullException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
