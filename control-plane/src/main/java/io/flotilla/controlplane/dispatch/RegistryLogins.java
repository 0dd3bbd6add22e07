package io.flotilla.controlplane.dispatch;

import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.RegistryAccess;

/** Knows how registries are reached that nodes pull from by themselves, and as whom. */
public interface RegistryLogins {

    /** Login, mirrors and certificates for this image's registry. Blocking. */
    RegistryAccess access(ImageName image);
}
