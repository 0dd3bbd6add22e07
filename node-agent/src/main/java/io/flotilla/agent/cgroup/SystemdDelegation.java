package io.flotilla.agent.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The delegated part of systemd's tree. Only services and scopes can be delegated, and one lives as long as a process in
 * it; so a transient service in our slice holds an idle process, moved to a group of its own because a group with
 * processes cannot pass controllers on. The containers are no part of the service's main group and outlive the agent.
 */
final class SystemdDelegation {

    static final String HOLDER = "holder";

    private SystemdDelegation() {}

    static boolean present() {
        return Files.isDirectory(Path.of("/run/systemd/system"));
    }

    private static String unit(String slice) {
        return slice.substring(0, slice.length() - ".slice".length()) + "-containers.service";
    }

    /** Starts the unit unless it runs, and returns its group. */
    static Path ensure(Path mount, String slice) {
        String unit = unit(slice);
        if (controlGroup(unit).isEmpty()) {
            // OOMPolicy: a container that runs out of memory must not stop the unit, that is, all the others.
            run(List.of(
                    "systemd-run",
                    "--quiet",
                    "--collect",
                    "--unit=" + unit,
                    "--slice=" + slice,
                    "--property=Delegate=yes",
                    "--property=OOMPolicy=continue",
                    "--property=TasksMax=infinity",
                    "--property=KillMode=mixed",
                    "--description=Containers of a Flotilla node",
                    "sleep",
                    "infinity"));
        }
        Path group = mount.resolve(controlGroup(unit).substring(1));
        Path holder = group.resolve(HOLDER);
        GroupTree.make(holder);
        for (String pid : CgroupFile.at(group, "cgroup.procs").read().split("\\s+", -1)) {
            if (!pid.isEmpty()) {
                CgroupFile.at(holder, "cgroup.procs").addProcess(Long.parseLong(pid));
            }
        }
        return group;
    }

    static void stop(String slice) {
        run(List.of("systemctl", "stop", unit(slice)));
    }

    /** Empty while the unit does not run. */
    private static String controlGroup(String unit) {
        return run(List.of("systemctl", "show", "--property=ControlGroup", "--value", unit));
    }

    private static String run(List<String> command) {
        Path program = Path.of(command.getFirst());
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new CgroupException("run", program, String.join(" ", command) + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new CgroupException("run", program, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CgroupException("run", program, "interrupted");
        }
    }
}
