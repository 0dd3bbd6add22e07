package io.flotilla.controlplane.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The control plane's settings, checked against each other before anything is started.
 *
 * @param data the data directory; everything that is kept stands in {@code pg} and {@code control-plane} below it
 * @param port of the dashboard, the API and the agents' sessions on loopback, without TLS; 0 takes any free port
 * @param managementPort of health and metrics, on loopback only; 0 takes any free port
 * @param databaseUrl an external PostgreSQL, {@code postgresql://owner:password@host:port/database}; null for the
 *     embedded one
 * @param databaseAppUrl the application's own login on it; null to have the owner make one
 * @param beyond how others than this machine reach the same; null if they do not
 * @param publicUrl what others type; null to derive it from {@code beyond}
 * @param terminals how long terminals wait, and how much of them is kept
 */
public record Settings(
        Path data,
        int port,
        int managementPort,
        @Nullable String databaseUrl,
        @Nullable String databaseAppUrl,
        @Nullable Beyond beyond,
        @Nullable String publicUrl,
        Terminals terminals) {

    public static final int DEFAULT_PORT = 8080;
    public static final int DEFAULT_PUBLIC_PORT = 8443;
    public static final Path DEFAULT_DATA = Path.of("/var/lib/flotilla");

    /**
     * Terminals and their recordings.
     *
     * @param grace how long a terminal waits for its browser to come back
     * @param recordingBytes the most that one recording takes
     * @param keepDays recordings that ended longer ago are removed
     * @param keepCount beyond as many the oldest are removed
     * @param keepBytes likewise beyond as many bytes in all
     */
    public record Terminals(Duration grace, long recordingBytes, int keepDays, int keepCount, long keepBytes) {

        public static final Terminals USUAL = new Terminals(Duration.ofSeconds(60), 16 << 20, 90, 10_000, 2L << 30);

        public Terminals {
            atLeast("--recording-max-bytes", recordingBytes, 4096);
            atLeast("--recordings-keep-days", keepDays, 1);
            atLeast("--recordings-keep-count", keepCount, 1);
            atLeast("--recordings-keep-bytes", keepBytes, recordingBytes);
        }

        private static void atLeast(String option, long value, long least) {
            if (value < least) {
                throw new IllegalArgumentException(option + " " + value + " is too little: at least " + least);
            }
        }
    }

    /** A listener beyond loopback. */
    public record Beyond(String host, int port, Protection protection) {}

    /** What protects the way beyond loopback; there is no choice without any. */
    public sealed interface Protection {

        /** TLS with a certificate that is made at the first start. */
        record OwnCertificate() implements Protection {}

        /** TLS with a certificate from elsewhere, both files in PEM. */
        record GivenCertificate(Path certificate, Path key) implements Protection {}

        /**
         * A proxy in front ends TLS; its {@code X-Forwarded-*} headers are believed.
         *
         * @param certificate the proxy's, in PEM; null if those who come by it trust it without being told
         */
        record BehindProxy(@Nullable Path certificate) implements Protection {}
    }

    public Settings {
        if (databaseAppUrl != null && databaseUrl == null) {
            throw new IllegalArgumentException("--database-app-url needs --database-url");
        }
        if (beyond != null && beyond.port() == port && port != 0) {
            throw new IllegalArgumentException(
                    "--listen and --port cannot both take port " + port + ": --port is for this machine, without TLS");
        }
    }

    /** With the usual {@link Terminals}. */
    public Settings(
            Path data,
            int port,
            int managementPort,
            @Nullable String databaseUrl,
            @Nullable String databaseAppUrl,
            @Nullable Beyond beyond,
            @Nullable String publicUrl) {
        this(data, port, managementPort, databaseUrl, databaseAppUrl, beyond, publicUrl, Terminals.USUAL);
    }

    /** What a browser on this machine types, without a slash at the end. */
    public String localUrl() {
        return "http://localhost:" + port;
    }

    /** What others type, without a slash at the end; the local one if nothing beyond loopback is listened on. */
    public String url() {
        if (publicUrl != null) {
            return publicUrl.endsWith("/") ? publicUrl.substring(0, publicUrl.length() - 1) : publicUrl;
        }
        return beyond == null ? localUrl() : "https://" + reachable(beyond.host()) + ":" + beyond.port();
    }

    private static String reachable(String host) {
        boolean any = host.equals("0.0.0.0") || host.equals("::");
        try {
            String name = any ? InetAddress.getLocalHost().getHostAddress() : host;
            return name.contains(":") ? "[" + name + "]" : name;
        } catch (UnknownHostException e) {
            return host;
        }
    }

    /** The same with the port that was taken. */
    public Settings withPort(int taken) {
        return new Settings(data, taken, managementPort, databaseUrl, databaseAppUrl, beyond, publicUrl, terminals);
    }

    /** What only the control plane itself may read: keys, tokens, the file of audit heads. Mode 0700. */
    public Path privateDirectory() {
        return data.resolve("control-plane");
    }
}
