package io.flotilla.agent.image;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
    private final boolean login;

    /** A registry for everybody. */
    public DebianRegistry(Path directory) throws IOException {
        this(directory, false);
    }

    /** @param login whether it wants {@link #USER} and {@link #PASSWORD} */
    public DebianRegistry(Path directory, boolean login) throws IOException {
        requireTools("docker-registry", "skopeo");
        this.port = freePort();
        this.storage = directory.resolve("registry");
        this.login = login;
        Path accounts = Files.writeString(directory.resolve("registry.htpasswd"), ACCOUNT);
        Path config = directory.resolve("registry.yml");
        Files.writeString(config, """
                version: 0.1
                log:
                  level: error
                storage:
                  filesystem:
                    rootdirectory: %s
                http:
                  addr: 127.0.0.1:%d
                """.formatted(storage, port) + (login ? """
                auth:
                  htpasswd:
                    realm: test
                    path: %s
                """.formatted(accounts) : ""));
        this.process = new ProcessBuilder("docker-registry", "serve", config.toString())
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
    public void push(Path layout, String tag, String repository) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("skopeo", "copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false"));
        if (login) {
            command.addAll(List.of("--dest-creds", USER + ":" + PASSWORD));
        }
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
