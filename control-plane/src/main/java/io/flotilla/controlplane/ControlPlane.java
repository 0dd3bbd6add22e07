package io.flotilla.controlplane;

import io.flotilla.controlplane.database.Database;
import io.flotilla.controlplane.database.Directories;
import io.flotilla.controlplane.settings.Settings;
import io.flotilla.protocol.EndOnError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The control plane's program. */
@Command(
        name = "control-plane",
        mixinStandardHelpOptions = true,
        subcommands = {Cleanup.class, AuditVerify.class, WarmUp.class},
        description = "Keeps the desired state and serves the dashboard, the API and the nodes.")
public final class ControlPlane implements Callable<Integer> {

    /** Exit code when an address is taken. */
    static final int PORT_TAKEN = 3;

    @Option(names = "--data", description = "data directory (default: ${DEFAULT-VALUE})")
    private Path data = Settings.DEFAULT_DATA;

    @Option(names = "--port", description = "port on loopback, without TLS (default: ${DEFAULT-VALUE})")
    private int port = Settings.DEFAULT_PORT;

    @Option(
            names = "--management-port",
            description =
                    "port of health and metrics on loopback (default: any, kept in control-plane/management-port)")
    private int managementPort;

    @Option(names = "--listen", paramLabel = "HOST[:PORT]", description = "serve others than this machine, too")
    private @Nullable String listen;

    @Option(names = "--tls-cert", description = "certificate chain in PEM for --listen (default: made by itself)")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", description = "private key in PEM for --tls-cert")
    private @Nullable Path key;

    @Option(names = "--behind-proxy", description = "a proxy in front of --listen ends TLS and is believed")
    private boolean behindProxy;

    @Option(
            names = "--proxy-cert",
            description =
                    "the proxy's certificate in PEM, where nodes do not trust it by themselves; read again by itself")
    private @Nullable Path proxyCertificate;

    @Option(names = "--public-url", description = "what others type (default: https on --listen)")
    private @Nullable String publicUrl;

    @Option(
            names = "--database-url",
            defaultValue = "${env:FLOTILLA_DATABASE_URL}",
            description = "postgresql://owner:password@host/database instead of the embedded one"
                    + " (or FLOTILLA_DATABASE_URL, which does not show in the list of processes)")
    private @Nullable String databaseUrl;

    @Option(
            names = "--database-app-url",
            defaultValue = "${env:FLOTILLA_DATABASE_APP_URL}",
            description = "the application's own login, where the owner may not make one")
    private @Nullable String databaseAppUrl;

    @Option(
            names = "--recording-max-bytes",
            description = "the most that the recording of one terminal takes (default: ${DEFAULT-VALUE})")
    private long recordingBytes = Settings.Terminals.USUAL.recordingBytes();

    @Option(
            names = "--recordings-keep-days",
            description = "how long recordings of terminals are kept (default: ${DEFAULT-VALUE})")
    private int keepDays = Settings.Terminals.USUAL.keepDays();

    @Option(
            names = "--recordings-keep-count",
            description = "how many recordings are kept, the newest (default: ${DEFAULT-VALUE})")
    private int keepCount = Settings.Terminals.USUAL.keepCount();

    @Option(
            names = "--recordings-keep-bytes",
            description = "how much recordings take in all, the newest (default: ${DEFAULT-VALUE})")
    private long keepBytes = Settings.Terminals.USUAL.keepBytes();

    public static void main(String[] args) {
        EndOnError.install();
        // Picocli prints the mistake and the usage; anything else that fails is one line and not a stack trace.
        int code = new CommandLine(new ControlPlane())
                .setExecutionExceptionHandler((error, command, parsed) -> {
                    command.getErr().println("control-plane: " + error.getMessage());
                    return 1;
                })
                .execute(args);
        if (code != 0) {
            System.exit(code);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Settings settings;
        try {
            settings = settings();
        } catch (IllegalArgumentException e) {
            System.err.println("control-plane: " + e.getMessage());
            return 2;
        }
        if (!free("127.0.0.1", settings.port(), "--port")) {
            return PORT_TAKEN;
        }
        Settings.Beyond beyond = settings.beyond();
        if (beyond != null && !free(beyond.host(), beyond.port(), "--listen")) {
            return PORT_TAKEN;
        }
        Directories.ensure(settings.data(), "rwx--x--x");
        Directories.ensure(settings.privateDirectory(), "rwx------");
        Database database = Database.of(settings);
        database.begin();
        try {
            Application.start(settings, database);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
        return 0;
    }

    private Settings settings() {
        return new Settings(
                data.toAbsolutePath(),
                port,
                managementPort,
                databaseUrl,
                databaseAppUrl,
                beyond(),
                publicUrl,
                new Settings.Terminals(
                        Settings.Terminals.USUAL.grace(), recordingBytes, keepDays, keepCount, keepBytes));
    }

    private Settings.@Nullable Beyond beyond() {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("--tls-cert and --tls-key go together");
        }
        if (behindProxy && certificate != null) {
            throw new IllegalArgumentException(
                    "--behind-proxy means that the proxy has the certificate; leave out --tls-cert");
        }
        if (proxyCertificate != null && !behindProxy) {
            throw new IllegalArgumentException("--proxy-cert needs --behind-proxy");
        }
        if (proxyCertificate != null && !Files.isReadable(proxyCertificate)) {
            throw new IllegalArgumentException("--proxy-cert \"" + proxyCertificate + "\" cannot be read");
        }
        String given = listen;
        if (given == null) {
            if (certificate != null || behindProxy) {
                throw new IllegalArgumentException("--tls-cert and --behind-proxy need --listen");
            }
            return null;
        }
        Settings.Protection protection = new Settings.Protection.OwnCertificate();
        if (certificate != null && key != null) {
            protection = new Settings.Protection.GivenCertificate(certificate, key);
        } else if (behindProxy) {
            protection = new Settings.Protection.BehindProxy(proxyCertificate);
        }
        return Listen.parse(given, protection);
    }

    private static boolean free(String host, int wanted, String option) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(host), wanted));
            return true;
        } catch (IOException e) {
            System.err.println("control-plane: port " + wanted + " on " + host + " cannot be used (" + e.getMessage()
                    + "); give another " + option);
            return false;
        }
    }
}
