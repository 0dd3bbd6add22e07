package io.flotilla.agent.cgroup;

import io.flotilla.agent.cgroup.CgroupStats.Pressure;
import io.flotilla.agent.cgroup.CgroupStats.Pressures;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a cgroup2 group gives without any controller: freeze, kill, events, pressure. Used on v2 and hybrid hosts. */
record UnifiedCore(Path group) {

    /** Has a hybrid host's cgroup2 side carry a controller down to this group. */
    void enable(String controller, Path mount) {
        Path parent = group.getParent();
        for (Path above = mount; parent != null && parent.startsWith(above); above = next(above, parent)) {
            CgroupFile own = CgroupFile.at(above, "cgroup.controllers");
            if (List.of(own.read().split("\\s+", -1)).contains(controller)) {
                CgroupFile.at(above, "cgroup.subtree_control").write("+" + controller);
            }
            if (above.equals(parent)) {
                return;
            }
        }
    }

    private static Path next(Path above, Path below) {
        return above.resolve(below.getName(above.getNameCount()));
    }

    void freeze(Duration deadline) {
        CgroupFile.at(group, "cgroup.freeze").write("1");
        if (!GroupTree.await(deadline, this::frozen)) {
            thaw();
            throw new CgroupException("freeze", group, "a process is stuck in the kernel");
        }
    }

    void thaw() {
        CgroupFile.at(group, "cgroup.freeze").write("0");
    }

    boolean frozen() {
        return CgroupFile.at(group, "cgroup.events").readKeyed().getOrDefault("frozen", 0L) == 1;
    }

    void killAll() {
        CgroupFile kill = CgroupFile.at(group, "cgroup.kill");
        if (kill.exists()) {
            kill.write("1");
            return;
        }
        // Kernels before 5.14. Freezing first keeps a fork bomb from outrunning the loop.
        CgroupFile.at(group, "cgroup.freeze").writeIfPresent("1");
        Kill.all(GroupTree.processes(group));
        CgroupFile.at(group, "cgroup.freeze").writeIfPresent("0");
    }

    @Nullable
    Pressures pressure() {
        Pressures pressures = new Pressures(pressure("cpu"), pressure("memory"));
        return pressures.cpu() == null && pressures.memory() == null ? null : pressures;
    }

    private @Nullable Pressure pressure(String resource) {
        CgroupFile file = CgroupFile.at(group, resource + ".pressure");
        if (!file.exists()) {
            return null;
        }
        try {
            return parse(List.of(file.read().split("\n", -1)));
        } catch (CgroupException e) {
            return null; // EOPNOTSUPP: compiled in, but switched off at boot (psi=0)
        }
    }

    /** Lines as "some avg10=0.00 avg60=0.00 avg300=0.00 total=0"; the kernel's cpu file may lack "full". */
    static Pressure parse(List<String> lines) {
        Map<String, String> values = new HashMap<>();
        for (String line : lines) {
            String[] fields = line.split(" ", -1);
            for (int i = 1; i < fields.length; i++) {
                String[] pair = fields[i].split("=", -1);
                values.put(fields[0] + "." + pair[0], pair[1]);
            }
        }
        return new Pressure(
                Double.parseDouble(values.getOrDefault("some.avg10", "0")),
                Double.parseDouble(values.getOrDefault("some.avg60", "0")),
                Double.parseDouble(values.getOrDefault("some.avg300", "0")),
                Long.parseLong(values.getOrDefault("some.total", "0")),
                Double.parseDouble(values.getOrDefault("full.avg10", "0")),
                Long.parseLong(values.getOrDefault("full.total", "0")));
    }
}
