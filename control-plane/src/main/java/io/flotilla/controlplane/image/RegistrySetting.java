package io.flotilla.controlplane.image;

import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.registry.Authorities;
import io.flotilla.protocol.registry.Mirror;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operator sets for a registry; it replaces all that was set before.
 *
 * @param registry host with optional port
 * @param username empty together with the password: asked without a login, and members may name it nevertheless
 * @param authorities see {@link RegistryLogin}
 * @param mirrors see {@link RegistryLogin}; a mirror's own login is what is set for its host
 */
public record RegistrySetting(
        String registry,
        String username,
        String password,
        boolean insecure,
        @Nullable String authorities,
        List<String> mirrors) {

    private static final int LONGEST_CERTIFICATES = 256 << 10;
    private static final int MOST_MIRRORS = 8;

    public RegistrySetting {
        boolean anonymous = username.isEmpty() && password.isEmpty();
        if (!anonymous && (username.isBlank() || username.length() > 255 || username.indexOf(':') >= 0)) {
            throw ProblemException.invalid("username", "must be 1 to 255 characters without a colon");
        }
        if (!anonymous && (password.isEmpty() || password.length() > 8192)) {
            throw ProblemException.invalid("password", "must be 1 to 8192 characters");
        }
        authorities = authorities == null || authorities.isBlank() ? null : authorities;
        requireCertificates(authorities);
        mirrors = List.copyOf(mirrors);
        if (mirrors.size() > MOST_MIRRORS) {
            throw ProblemException.invalid("mirrors", "must be " + MOST_MIRRORS + " at most");
        }
        mirrors.forEach(RegistrySetting::requireMirror);
    }

    private static void requireCertificates(@Nullable String pem) {
        if (pem == null) {
            return;
        }
        if (pem.length() > LONGEST_CERTIFICATES) {
            throw ProblemException.invalid("authorities", "must be " + LONGEST_CERTIFICATES + " characters at most");
        }
        try {
            Authorities.read(pem);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("authorities", String.valueOf(e.getMessage()));
        }
    }

    private static void requireMirror(String location) {
        try {
            Mirror.of(location);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("mirrors", String.valueOf(e.getMessage()));
        }
    }
}
