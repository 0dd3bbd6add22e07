package io.flotilla.protocol.registry;

/** The image exists, but not for this kind of machine. */
public final class WrongPlatformException extends RegistryException {

    public WrongPlatformException(String message) {
        super(message, null);
    }

    @Override
    public String code() {
        return "wrong-platform";
    }
}
