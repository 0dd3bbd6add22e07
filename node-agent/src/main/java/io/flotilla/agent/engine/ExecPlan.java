package io.flotilla.agent.engine;

import io.flotilla.agent.cgroup.Cgroup;
import io.flotilla.agent.engine.launch.LaunchPlan;
import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.ProcessSpec;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.UserTable;
import io.flotilla.agent.seccomp.Filter;
import io.flotilla.agent.seccomp.Host;
import io.flotilla.protocol.ExecSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The plan of a process that joins a running container, with no more rights than the container's first one. */
record ExecPlan(EngineParts parts, Path directory, int pid) {

    private static final int LARGEST_USER_TABLE = 4 << 20;
    private static final long INSIDE = Descriptors.RESOLVE_IN_ROOT | Descriptors.RESOLVE_NO_MAGICLINKS;
    private static final int ANY_EXECUTE = 0111;

    LaunchPlan make(ExecSpec exec, Cgroup cgroup) throws IOException {
        RuntimeSpec spec = Manifest.readSpec(directory);
        ProcessSpec first = spec.requireProcess();
        try (Fd root = Descriptors.open("/proc/" + pid + "/root", Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0)) {
            List<String> arguments = exec.argv().isEmpty() ? List.of(shell(root)) : exec.argv();
            UserTable.Identity identity =
                    exec.user() == null ? null : users(root).resolve("user", exec.user());
            ProcessSpec process = new ProcessSpec(
                    exec.tty(),
                    exec.tty() ? new ProcessSpec.ConsoleSize(exec.rows(), exec.columns()) : null,
                    identity == null ? first.user() : user(spec, identity),
                    arguments,
                    environment(first, exec, identity),
                    first.cwd(),
                    first.capabilities(),
                    first.rlimits(),
                    first.noNewPrivileges(),
                    first.apparmorProfile(),
                    first.selinuxLabel(),
                    first.oomScoreAdj(),
                    null,
                    null,
                    null);
            return ProcessSteps.exec(
                    process,
                    cgroup.directories(),
                    true,
                    Optional.of(filter(first)),
                    ProcessSteps.OfContainer.present(spec.requireLinux(), Optional.empty()));
        }
    }

    private ByteBuffer filter(ProcessSpec first) throws IOException {
        ProcessSpec.Capabilities sets = first.capabilities();
        Set<String> capabilities = sets == null ? Set.of() : Set.copyOf(sets.bounding());
        Filter filter = parts.filters().filter(parts.profile().resolve(capabilities, Host.present()));
        return ByteBuffer.wrap(filter.program());
    }

    private static ProcessSpec.User user(RuntimeSpec spec, UserTable.Identity identity) {
        List<LinuxSpec.IdMapping> maps = spec.requireLinux().uidMappings();
        if (!maps.isEmpty()) {
            io.flotilla.agent.oci.Ordinary.requireMapped(
                    identity, maps.getFirst().size());
        }
        return new ProcessSpec.User(identity.uid(), identity.gid(), null, identity.additionalGids());
    }

    /** The container may rewrite its files at any time; each is opened once, beneath its own root, and read from there. */
    private static UserTable users(Fd root) throws IOException {
        return new UserTable(read(root, "/etc/passwd"), read(root, "/etc/group"));
    }

    private static byte @Nullable [] read(Fd root, String path) throws IOException {
        try (Fd file = Descriptors.openBelow(root, path, Descriptors.O_RDONLY | Descriptors.O_NONBLOCK, 0, INSIDE)) {
            Path opened = Path.of(file.path());
            if (!Files.isRegularFile(opened) || Files.size(opened) > LARGEST_USER_TABLE) {
                return null;
            }
            return Files.readAllBytes(opened);
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                return null;
            }
            throw e;
        }
    }

    /** bash where the image has it, else what every image with a shell has. */
    private static String shell(Fd root) throws IOException {
        for (String shell : List.of("/bin/bash", "/usr/bin/bash")) {
            try (Fd file = Descriptors.openBelow(root, shell, Descriptors.O_PATH, 0, INSIDE)) {
                Object mode = Files.getAttribute(Path.of(file.path()), "unix:mode");
                if (mode instanceof Integer bits && (bits & ANY_EXECUTE) != 0) {
                    return shell;
                }
            } catch (KernelException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ELOOP) {
                    throw e;
                }
            }
        }
        return "/bin/sh";
    }

    private static List<String> environment(ProcessSpec first, ExecSpec exec, UserTable.@Nullable Identity identity) {
        Map<String, String> variables = new LinkedHashMap<>();
        List<String> all = new ArrayList<>(first.env());
        if (exec.tty()) {
            all.add("TERM=xterm-256color");
        }
        for (String variable : all) {
            int equals = variable.indexOf('=');
            variables.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        if (identity != null) {
            String home = identity.home();
            variables.put("HOME", home == null || home.isEmpty() ? "/" : home);
        }
        variables.putAll(exec.env());
        return variables.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
    }
}
