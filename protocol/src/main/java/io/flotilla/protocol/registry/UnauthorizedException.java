package io.flotilla.protocol.registry;

/** The registry wants a login, or does not let this one in (HTTP 401 and 403). */
public final class UnauthorizedException extends RegistryException {

    public UnauthorizedException(String message) {
        super(message, null);
    }

    @Override
    public String code() {
        return "unauthorized";
    }
}
