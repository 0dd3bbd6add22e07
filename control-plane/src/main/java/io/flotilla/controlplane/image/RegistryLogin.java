package io.flotilla.controlplane.image;

import java.time.Instant;

/** As whom images are pulled from a registry: without a login if the user name is empty. The password is never shown. */
public record RegistryLogin(String registry, String username, boolean insecure, Instant changed) {}
