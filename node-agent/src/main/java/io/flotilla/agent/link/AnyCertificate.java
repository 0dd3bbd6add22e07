package io.flotilla.agent.link;

import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;

/** TLS with whoever answers, for what anybody may read and nobody can forge. */
final class AnyCertificate extends ServerTrust {

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}
}
