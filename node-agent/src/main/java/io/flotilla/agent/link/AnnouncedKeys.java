package io.flotilla.agent.link;

import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Handshake;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts who holds one of the announced keys, whatever name and dates the certificate bears; where none was announced, a
 * certificate that is good for the host's name to this machine's Java.
 */
final class AnnouncedKeys extends ServerTrust {

    private volatile @Nullable List<Bytes> keys;

    void replace(List<Bytes> announced) {
        keys = announced;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        if (byKey(chain)) {
            return;
        }
        try {
            publicly().checkServerTrusted(chain, authType, socket);
        } catch (CertificateException e) {
            throw unknown(e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (byKey(chain)) {
            return;
        }
        try {
            publicly().checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw unknown(e);
        }
    }

    /** True if the key was announced, false if none was and others have to say. */
    private boolean byKey(X509Certificate[] chain) throws CertificateException {
        List<Bytes> announced = keys;
        if (announced == null) {
            throw new CertificateException("the control plane has not said yet which key is its own");
        }
        if (!announced.isEmpty() && !announced.contains(Handshake.tlsKey(chain[0].getPublicKey()))) {
            throw new CertificateException("its key is none of those that the control plane announces; somebody is"
                    + " between, or a proxy whose certificate the control plane was not given by --proxy-cert");
        }
        return !announced.isEmpty();
    }

    private static CertificateException unknown(CertificateException cause) {
        return new CertificateException(
                cause.getMessage()
                        + "; the control plane knows no certificate of its own or its proxy's (--proxy-cert),"
                        + " so it must be one that this machine's Java trusts",
                cause);
    }

    private static X509ExtendedTrustManager publicly() throws CertificateException {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            return Arrays.stream(factory.getTrustManagers())
                    .filter(X509ExtendedTrustManager.class::isInstance)
                    .map(X509ExtendedTrustManager.class::cast)
                    .findFirst()
                    .orElseThrow(() -> new CertificateException("this Java trusts no certificates"));
        } catch (GeneralSecurityException e) {
            throw new CertificateException("this Java's certificates cannot be read: " + e.getMessage(), e);
        }
    }
}
