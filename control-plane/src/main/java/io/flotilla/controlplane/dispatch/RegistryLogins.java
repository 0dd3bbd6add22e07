package io.flotilla.controlplane.dispatch;

import io.flotilla.protocol.ImageName;
import java.util.Optional;

/** Knows the logins of registries that nodes pull from by themselves. */
public interface RegistryLogins {

    /** A user with password. */
    record Login(String user, String password) {}

    /** Empty: pull anonymously. Blocking. */
    Optional<Login> login(ImageName image);
}
