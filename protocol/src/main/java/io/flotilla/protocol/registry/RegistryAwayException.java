package io.flotilla.protocol.registry;

import org.jspecify.annotations.Nullable;

/** The registry cannot be reached, does not answer in time, breaks off, or answers with HTTP 5xx; worth another try later. */
public final class RegistryAwayException extends RegistryException {

    public RegistryAwayException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public String code() {
        return "registry-away";
    }
}
