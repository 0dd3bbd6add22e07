package io.flotilla.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;

/**
 * Where one agent keeps its things. Everything that must outlive a power cut lies below the data directory; what belongs
 * to one boot lies below the runtime directory.
 *
 * @param data the data directory that the control plane on the same host shares, {@code /var/lib/flotilla} by default
 * @param runtimeBase the parent of all agents' runtime directories, {@code /run/flotilla} by default
 * @param node8 eight hex digits that tell this agent's cgroups, bridge and firewall table from other agents' on the host
 */
public record AgentPaths(Path data, Path runtimeBase, String node8) {

    /** Where the data directory is unless a person says otherwise. */
    public static final Path DEFAULT_DATA = Path.of("/var/lib/flotilla");

    /** Where runtime directories are unless a test says otherwise. */
    public static final Path DEFAULT_RUNTIME_BASE = Path.of("/run/flotilla");

    /** The kernel's limit on the path of a unix socket, without its closing zero byte (unix(7)). */
    private static final int LONGEST_SOCKET_PATH = 107;

    private static final int LONGEST_CONTAINER_ID = 48;
    private static final Pattern NODE8 = Pattern.compile("[0-9a-f]{8}");
    private static final Pattern CONTAINER_ID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

    public AgentPaths {
        if (!data.isAbsolute() || !runtimeBase.isAbsolute()) {
            throw new IllegalArgumentException("data directory " + data + " and runtime directory " + runtimeBase
                    + " must be absolute, since shims outlive the agent's working directory");
        }
        if (!NODE8.matcher(node8).matches()) {
            throw new IllegalArgumentException("node8 \"" + node8 + "\" is not eight lower-case hex digits");
        }
        data = data.normalize();
        runtimeBase = runtimeBase.normalize();
        int longest = socketPathLength(runtimeBase);
        if (longest > LONGEST_SOCKET_PATH) {
            throw new IllegalArgumentException(
                    "runtime directory " + runtimeBase + " is too long: a shim's socket would be " + longest
                            + " bytes away, the kernel allows " + LONGEST_SOCKET_PATH);
        }
    }

    private static int socketPathLength(Path runtimeBase) {
        int below = "/".length() + 8 + "/c/".length() + LONGEST_CONTAINER_ID + "/shim.sock".length();
        return runtimeBase.toString().getBytes(StandardCharsets.UTF_8).length + below;
    }

    /**
     * Opens the agent's directories, making what is missing. A new agent takes {@code freshNode8} as its node8 and keeps
     * it; an existing one keeps what it has.
     */
    public static AgentPaths open(Path data, Path runtimeBase, String freshNode8) throws IOException {
        Path agent = data.resolve("agent");
        directory(data, "rwx--x--x");
        directory(agent, "rwx--x--x");
        AgentPaths paths = new AgentPaths(data, runtimeBase, keptNode8(agent.resolve("node8"), freshNode8));
        directory(paths.content(), "rwx------");
        directory(paths.snapshots(), "rwx--x--x");
        directory(paths.names(), "rwx------");
        directory(paths.logs(), "rwx------");
        directory(paths.events(), "rwx------");
        directory(runtimeBase, "rwx--x--x");
        directory(paths.runtime(), "rwx------");
        directory(paths.runtime().resolve("c"), "rwx------");
        return paths;
    }

    private static String keptNode8(Path file, String fresh) throws IOException {
        if (!Files.exists(file)) {
            Path draft = file.resolveSibling("node8.new");
            try (FileChannel out = FileChannel.open(
                    draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                out.write(ByteBuffer.wrap((fresh + "\n").getBytes(StandardCharsets.US_ASCII)));
                out.force(true);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        }
        String kept = Files.readString(file, StandardCharsets.US_ASCII).strip();
        if (!NODE8.matcher(kept).matches()) {
            throw new IOException(
                    file + " contains \"" + kept + "\" and not eight lower-case hex digits; containers that"
                            + " still run are named after it, so it is not replaced");
        }
        return kept;
    }

    /** Makes a directory and sets its permissions even when it exists or the process has another umask. */
    private static void directory(Path path, String permissions) throws IOException {
        Files.createDirectories(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    /** {@code <data>/agent}. */
    public Path agent() {
        return data.resolve("agent");
    }

    /** Blobs by digest. */
    public Path content() {
        return agent().resolve("content");
    }

    /** Unpacked layers and the containers' writable trees. */
    public Path snapshots() {
        return agent().resolve("snapshots");
    }

    /** What containers have as /etc/hosts and the like, one directory per container. */
    public Path names() {
        return agent().resolve("names");
    }

    /** Log segments, one directory per allocation. */
    public Path logs() {
        return agent().resolve("logs");
    }

    /** The logs of one allocation: a directory for each attempt. */
    public Path logs(String allocationId) {
        return logs().resolve(requireContainerId(allocationId));
    }

    /** The log segments of one attempt. */
    public Path logs(String allocationId, int attempt) {
        return logs(allocationId).resolve(String.valueOf(attempt));
    }

    /** The durable event queue. */
    public Path events() {
        return agent().resolve("events");
    }

    /** The last accepted NodeSpec, a file. */
    public Path ledger() {
        return agent().resolve("ledger");
    }

    /** The node's Ed25519 private key, a file with mode 0600. */
    public Path key() {
        return agent().resolve("key");
    }

    /** {@code /run/flotilla/<node8>}. */
    public Path runtime() {
        return runtimeBase.resolve(node8);
    }

    /** The agent's own unix socket. */
    public Path socket() {
        return runtime().resolve("agent.sock");
    }

    /** The runtime directories of all containers. */
    public Path containersRuntime() {
        return runtime().resolve("c");
    }

    /** One container's runtime directory, with its shim's socket, record and exit; not made here. */
    public Path containerRuntime(String containerId) {
        return containersRuntime().resolve(requireContainerId(containerId));
    }

    /** The name of the cgroup slice that holds shims and containers. */
    public String slice() {
        return "flotilla-" + node8 + ".slice";
    }

    private static String requireContainerId(String id) {
        if (id.length() > LONGEST_CONTAINER_ID || !CONTAINER_ID.matcher(id).matches()) {
            throw new IllegalArgumentException("\"" + id + "\" is no container or allocation id");
        }
        return id;
    }
}
