package io.flotilla.agent.network;

import io.flotilla.protocol.PortMapping.Protocol;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Finds out which process has a port of this host, for the message that says so. */
final class PortHolder {

    private static final Path PROC = Path.of("/proc");

    /** Columns of /proc/net/tcp and /proc/net/udp (proc_pid_net(5)). */
    private static final int LOCAL_ADDRESS = 1;

    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final String STATE_LISTEN = "0A";
    private static final String STATE_UNCONNECTED = "07";

    private PortHolder() {}

    /** As in {@code nginx (pid 123)}; what cannot be found out is said so. */
    static String describe(Protocol protocol, int port) {
        try {
            Set<String> inodes = new HashSet<>();
            for (String table : List.of(protocol.word(), protocol.word() + "6")) {
                inodes.addAll(sockets(PROC.resolve("thread-self/net").resolve(table), port));
            }
            if (inodes.isEmpty()) {
                return "a process has bound it without listening, as another Flotilla agent of this machine does";
            }
            return process(inodes).orElse("a process of another pid namespace listens on it");
        } catch (IOException e) {
            return "its holder could not be found out: " + e.getMessage();
        }
    }

    private static Set<String> sockets(Path table, int port) throws IOException {
        var result = new HashSet<String>();
        if (!Files.exists(table)) {
            return result;
        }
        String suffix = String.format(Locale.ROOT, ":%04X", port);
        for (String line : Files.readAllLines(table)) {
            String[] columns = line.strip().split("\\s+", -1);
            if (columns.length > INODE
                    && columns[LOCAL_ADDRESS].endsWith(suffix)
                    && (columns[STATE].equals(STATE_LISTEN) || columns[STATE].equals(STATE_UNCONNECTED))) {
                result.add("socket:[" + columns[INODE] + "]");
            }
        }
        return result;
    }

    private static Optional<String> process(Set<String> sockets) throws IOException {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (holdsAny(process, sockets)) {
                    String name = Files.readString(process.resolve("comm")).strip();
                    return Optional.of(name + " (pid " + process.getFileName() + ") listens on it");
                }
            }
        }
        return Optional.empty();
    }

    private static boolean holdsAny(Path process, Set<String> sockets) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
                    return true;
                }
            }
        } catch (IOException e) {
            // The process or its descriptor went away while we looked.
            return false;
        }
        return false;
    }
}
