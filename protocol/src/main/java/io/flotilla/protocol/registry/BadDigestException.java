package io.flotilla.protocol.registry;

/** Content that is not what its digest or size says. */
public final class BadDigestException extends RegistryException {

    public BadDigestException(String message) {
        super(message, null);
    }

    @Override
    public String code() {
        return "bad-digest";
    }
}
