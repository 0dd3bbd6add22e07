package io.flotilla.protocol.registry;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Why an image could not be had from a registry; each subclass names one cause, each message is a sentence for people. */
public abstract sealed class RegistryException extends IOException
        permits BadDigestException,
                BadDocumentException,
                RegistryAwayException,
                RegistryRefusedException,
                TooManyRequestsException,
                UnauthorizedException,
                UnknownImageException,
                WrongPlatformException {

    private volatile String note = "";

    protected RegistryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Has something said after the message. */
    void note(String more) {
        note = more;
    }

    @Override
    public String getMessage() {
        return super.getMessage() + note;
    }

    /** A word for programs: {@code unknown-image}, {@code bad-digest}, ... */
    public abstract String code();
}
