package io.flotilla.protocol.registry;

/** An answer that the distribution specification does not foresee, or a redirect that must not be followed. */
public final class RegistryRefusedException extends RegistryException {

    public RegistryRefusedException(String message) {
        super(message, null);
    }

    @Override
    public String code() {
        return "registry-refused";
    }
}
