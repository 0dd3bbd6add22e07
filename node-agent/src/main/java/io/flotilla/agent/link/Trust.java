package io.flotilla.agent.link;

import io.flotilla.protocol.Announcement;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Handshake;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * Whose TLS the control plane is reached by: none but the keys that it announced, signed with its identity key over a nonce
 * of ours. Without this a go-between with a certificate of its own could pass the signatures of a session on and read it.
 */
public final class Trust {

    private static final int NONCE_BYTES = 32;

    private final Server server;
    private final String fingerprint;
    private final AnnouncedKeys announced = new AnnouncedKeys();
    private final SSLContext context = context(announced);

    /** @param fingerprint SHA-256 of the control plane's identity key, 64 hex digits, from the join line */
    public Trust(Server server, String fingerprint) {
        this.server = server;
        this.fingerprint = fingerprint;
    }

    /** For every connection with the control plane; follows the newest announcement, and trusts nobody before the first. */
    public SSLContext context() {
        return context;
    }

    /** Asks which keys are good from now on; nothing is asked where there is no TLS. */
    void renew(SecureRandom random) throws IOException {
        if (!server.isSecure()) {
            return;
        }
        Bytes nonce = Bytes.random(random, NONCE_BYTES);
        String query = "?nonce=" + HexFormat.of().formatHex(nonce.array());
        HttpRequest request = HttpRequest.newBuilder(server.at(Handshake.ANNOUNCEMENT_PATH + query))
                .timeout(Duration.ofSeconds(20))
                .build();
        // Anybody may carry the answer: what counts in it is signed, and nothing secret was asked.
        announced.replace(verified(nonce, Request.send(server, request, context(new AnyCertificate())))
                .tlsKeys());
    }

    private Announcement verified(Bytes nonce, String body) throws LinkException {
        Announcement announcement;
        try {
            announcement = Codec.decode(body, Announcement.class);
        } catch (IllegalArgumentException e) {
            throw new LinkException("the control plane's answer cannot be read: " + e.getMessage(), e);
        }
        String found = Handshake.fingerprint(announcement.publicKey());
        if (!found.equals(fingerprint)) {
            throw new LinkException(
                    "the server at " + server + " has the fingerprint " + found + ", the join line named " + fingerprint
                            + ": it is not the control plane you mean",
                    true);
        }
        byte[] statement = Handshake.announcementStatement(nonce, announcement.tlsKeys());
        if (!Handshake.verify(announcement.publicKey(), statement, announcement.signature())) {
            throw new LinkException("the server at " + server + " does not hold the key that it shows", true);
        }
        return announcement;
    }

    private static SSLContext context(TrustManager trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }
}
