package io.flotilla.controlplane.image;

import java.time.Instant;

/** As whom images are pulled from a registry; the password is never shown. */
public record RegistryLogin(String registry, String username, boolean insecure, Instant changed) {}
