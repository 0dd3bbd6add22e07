package io.flotilla.controlplane.dispatch;

import io.flotilla.protocol.Digest;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** Tokens by which nodes read images from this control plane; each lives as long as its session. */
@Component
public class RegistryTokens {

    private final Map<Digest, UUID> nodes = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    String issue(UUID node) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        String token = "flreg_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        nodes.put(hash(token), node);
        return token;
    }

    void end(String token) {
        nodes.remove(hash(token));
    }

    /** The node that holds the token; empty if the token is none of ours or its session is over. */
    public Optional<UUID> node(String token) {
        return Optional.ofNullable(nodes.get(hash(token)));
    }

    private static Digest hash(String token) {
        return Digest.sha256(token.getBytes(StandardCharsets.UTF_8));
    }
}
