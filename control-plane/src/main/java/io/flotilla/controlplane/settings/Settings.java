package io.flotilla.controlplane.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The control plane's settings, checked against each other before anything is started.
 *
 * @param data the data directory; everything that is kept stands in {@code pg} and {@code control-plane} below it
 * @param listen address of the dashboard, the API and the agents' sessions
 * @param port 0 takes any free port
 * @param managementPort health and metrics, on loopback only; 0 takes any free port
 * @param databaseUrl an external PostgreSQL, {@code postgresql://owner:password@host:port/database}; null for the
 *     embedded one
 * @param databaseAppUrl the application's own login on it; null to have the owner make one
 * @param transport how browsers and agents are protected on the way
 */
public record Settings(
        Path data,
        String listen,
        int port,
        int managementPort,
        @Nullable String databaseUrl,
        @Nullable String databaseAppUrl,
        Transport transport) {

    public static final int DEFAULT_PORT = 8080;
    public static final int DEFAULT_MANAGEMENT_PORT = 8081;
    public static final Path DEFAULT_DATA = Path.of("/var/lib/flotilla");

    /** How the way between browsers or agents and this process is protected. */
    public sealed interface Transport {

        /** Not at all; only on loopback. */
        record Plain() implements Transport {}

        /** TLS with a certificate that is made at the first start. */
        record OwnCertificate() implements Transport {}

        /** TLS with a certificate from elsewhere, both files in PEM. */
        record GivenCertificate(Path certificate, Path key) implements Transport {}

        /** A proxy in front ends TLS; its {@code X-Forwarded-*} headers are believed. */
        record BehindProxy() implements Transport {}
    }

    public Settings {
        if (transport instanceof Transport.Plain && !isLoopback(listen)) {
            throw new IllegalArgumentException("listening on " + listen + " needs TLS: give --tls (own certificate), "
                    + "--tls-certificate with --tls-key, or --behind-proxy if a proxy in front ends TLS");
        }
        if (databaseAppUrl != null && databaseUrl == null) {
            throw new IllegalArgumentException("--database-app-url needs --database-url");
        }
    }

    /** Whether the address is only reachable from this machine. */
    public static boolean isLoopback(String address) {
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("--listen " + address + " is neither an address nor a known name", e);
        }
    }

    /** Whether browsers reach this control plane by https. */
    public boolean secure() {
        return !(transport instanceof Transport.Plain);
    }

    /** Whether this process itself ends TLS. */
    public boolean endsTls() {
        return transport instanceof Transport.OwnCertificate || transport instanceof Transport.GivenCertificate;
    }

    public boolean behindProxy() {
        return transport instanceof Transport.BehindProxy;
    }

    /** What only the control plane itself may read: keys, tokens, the file of audit heads. Mode 0700. */
    public Path privateDirectory() {
        return data.resolve("control-plane");
    }
}
