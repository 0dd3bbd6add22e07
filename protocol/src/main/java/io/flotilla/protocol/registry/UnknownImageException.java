package io.flotilla.protocol.registry;

/** The registry has no such repository, tag, manifest or blob (HTTP 404). */
public final class UnknownImageException extends RegistryException {

    public UnknownImageException(String message) {
        super(message, null);
    }

    @Override
    public String code() {
        return "unknown-image";
    }
}
