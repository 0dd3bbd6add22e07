package io.flotilla.agent.image;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.link.TestCertificate;
import io.flotilla.protocol.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The distribution project's registry as Debian packages it, on a free loopback port, its content in a temporary directory. */
public final class DebianRegistry implements AutoCloseable {

    /** Who may log in where a login is wanted. */
    public static final String USER = "flotilla";

    public static final String PASSWORD = "secret";

    /** A line of an htpasswd file: the password above under bcrypt, the only scheme that this registry knows. */
    private static final String ACCOUNT = USER + ":$2y$05$XkvtbEjqZECrXkvtbEjqZ.rntRLYomvemEQ5XAPcARiEnqtDkBjHK\n";

    private static final long DEADLINE_NANOS = 20_000_000_000L;

    private final Process process;
    private final int port;
    private final Path storage;
    private final List<String> pushOptions;

    /** A registry for everybody. */
    public DebianRegistry(Path directory) throws IOException {
        this(directory, false);
    }

    /** @param login whether it wants {@link #USER} and {@link #PASSWORD} */
    public DebianRegistry(Path directory, boolean login) throws IOException {
        this(
                directory,
                login ? """
                auth:
                  htpasswd:
                    realm: test
                    path: %s
                """.formatted(Files.writeString(directory.resolve("registry.htpasswd"), ACCOUNT)) : "",
                login ? List.of("--dest-creds", USER + ":" + PASSWORD) : List.of());
    }

    /** One that speaks TLS only. */
    public static DebianRegistry withTls(Path directory, TestCertificate certificate) throws IOException {
        return new DebianRegistry(
                directory,
                """
                  tls:
                    certificate: %s
                    key: %s
                """.formatted(
                                Files.writeString(directory.resolve("registry.crt"), certificate.pem()),
                                Files.writeString(directory.resolve("registry.key"), certificate.privatePem())),
                List.of());
    }

    /** One that lets in who brings a token of this service. */
    public static DebianRegistry withTokens(Path directory, TokenService service) throws IOException {
        return new DebianRegistry(
                directory,
                """
                auth:
                  token:
                    realm: %s
                    service: %s
                    issuer: %s
                    rootcertbundle: %s
                """.formatted(
                                service.realm(),
                                TokenService.SERVICE,
                                TokenService.ISSUER,
                                Files.writeString(
                                        directory.resolve("tokens.crt"),
                                        service.certificate().pem())),
                List.of("--dest-creds", USER + ":" + PASSWORD));
    }

    /** @param config what follows the address, indented as below {@code http} or not at all */
    private DebianRegistry(Path directory, String config, List<String> pushOptions) throws IOException {
        requireTools("docker-registry", "skopeo");
        this.port = freePort();
        this.storage = directory.resolve("registry");
        this.pushOptions = pushOptions;
        Path file = directory.resolve("registry.yml");
        Files.writeString(file, """
                version: 0.1
                log:
                  level: error
                storage:
                  filesystem:
                    rootdirectory: %s
                http:
                  addr: 127.0.0.1:%d
                """.formatted(storage, port) + config);
        this.process = new ProcessBuilder("docker-registry", "serve", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("registry.log").toFile())
                .start();
        awaitAnswer();
    }

    public static void requireTools(String... tools) {
        for (String tool : tools) {
            assumeTrue(
                    Files.isExecutable(Path.of("/usr/bin", tool)) || Files.isExecutable(Path.of("/bin", tool)),
                    tool + " is not installed");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitAnswer() throws IOException {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > deadline || !process.isAlive()) {
                    close();
                    throw new IOException("docker-registry does not answer", e);
                }
                Thread.onSpinWait();
            }
        }
    }

    public String authority() {
        return "127.0.0.1:" + port;
    }

    /** Copies an image from an OCI layout into the registry. */
    public void push(Path layout, String tag, String repository, String... options) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("skopeo", "copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false"));
        command.addAll(pushOptions);
        command.addAll(List.of(options));
        command.addAll(List.of("oci:" + layout + ":" + tag, "docker://" + authority() + "/" + repository));
        run(command);
    }

    /** Where the registry keeps a blob's bytes. */
    public Path blob(Digest digest) {
        return storage.resolve("docker/registry/v2/blobs/sha256")
                .resolve(digest.hex().substring(0, 2))
                .resolve(digest.hex())
                .resolve("data");
    }

    public static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command + ": " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
