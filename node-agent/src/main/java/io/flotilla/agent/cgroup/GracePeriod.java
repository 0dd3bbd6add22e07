package io.flotilla.agent.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The first move of a process into another group, after a pause, waits for a grace period of the kernel's RCU: 5 to 15
 * milliseconds, for which nothing is done. Moves that come soon after do not wait. So the wait is begun on a thread of its
 * own as soon as a move is foreseeable, by moving this process to where it is.
 */
final class GracePeriod {

    private static final Path OWN_GROUPS = Path.of("/proc/self/cgroup");

    private GracePeriod() {}

    /** Returns at once. That it works is of no importance. */
    static void begin(CgroupLayout layout) {
        Thread.ofPlatform().daemon().name("grace period").start(() -> {
            try {
                Optional<Path> own = own(layout);
                if (own.isPresent()) {
                    byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
                    Files.write(own.get().resolve("cgroup.procs"), pid);
                }
            } catch (IOException e) {
                return; // then the move itself waits
            }
        });
    }

    /** This process's group on any hierarchy, by lines as in cgroups(7): {@code 5:pids:/path} or {@code 0::/path}. */
    private static Optional<Path> own(CgroupLayout layout) throws IOException {
        for (String line : Files.readAllLines(OWN_GROUPS)) {
            String[] parts = line.split(":", 3);
            Path mount = parts[1].isEmpty() ? layout.unified() : layout.v1().get(parts[1]);
            if (mount != null) {
                return Optional.of(mount.resolve(parts[2].substring(1)));
            }
        }
        return Optional.empty();
    }
}
