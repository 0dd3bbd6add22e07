package io.flotilla.controlplane.listen;

import io.flotilla.controlplane.settings.Settings;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Handshake;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The keys with which TLS may end before this control plane, for nodes that ask. */
@Component
public class TlsKeys {

    private static final Logger LOG = LoggerFactory.getLogger(TlsKeys.class);

    private final @Nullable Path proxyCertificate;
    private volatile List<Bytes> known = List.of();

    TlsKeys(Settings settings) {
        Settings.Beyond beyond = settings.beyond();
        proxyCertificate = beyond != null && beyond.protection() instanceof Settings.Protection.BehindProxy(Path given)
                ? given
                : null;
        if (proxyCertificate != null) {
            serve(proxyCertificate);
        }
    }

    /** Takes the certificate that TLS is served with from now on. */
    void serve(Path chain) {
        try {
            known = read(chain);
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /**
     * SHA-256 of each key; none if nodes must judge a proxy's certificate for themselves. A proxy's certificate is read
     * anew, since it is replaced while this runs; if that fails the last one stays.
     */
    public List<Bytes> current() {
        if (proxyCertificate != null) {
            try {
                known = read(proxyCertificate);
            } catch (IOException e) {
                LOG.warn("the proxy's certificate cannot be read, its last key stays announced: {}", e.getMessage());
            }
        }
        return known;
    }

    private static List<Bytes> read(Path pem) throws IOException {
        try (InputStream in = Files.newInputStream(pem)) {
            List<Bytes> keys = CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(certificate -> Handshake.tlsKey(certificate.getPublicKey()))
                    .toList();
            if (keys.isEmpty()) {
                throw new IOException("read " + pem + ": there is no certificate in it");
            }
            return keys;
        } catch (CertificateException e) {
            throw new IOException("read " + pem + ": " + e.getMessage(), e);
        }
    }
}
