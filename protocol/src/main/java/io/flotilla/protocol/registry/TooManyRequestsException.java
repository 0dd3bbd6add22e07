package io.flotilla.protocol.registry;

/** The registry's rate limit (HTTP 429) is used up. */
public final class TooManyRequestsException extends RegistryException {

    public TooManyRequestsException(String message) {
        super(message, null);
    }

    @Override
    public String code() {
        return "too-many-requests";
    }
}
