package io.flotilla.protocol.registry;

/** A manifest, index or image config that is malformed, too large, or of an unknown kind. */
public final class BadDocumentException extends RegistryException {

    public BadDocumentException(String message) {
        super(message, null);
    }

    @Override
    public String code() {
        return "bad-document";
    }
}
