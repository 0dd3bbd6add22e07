package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import io.flotilla.agent.oci.SpecException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A container's group on a v1 or hybrid host: one directory on every v1 hierarchy, and on hybrid hosts one on cgroup2
 * as well, which kills and freezes in one step.
 */
final class V1Cgroup implements Cgroup {

    static final long DEFAULT_PERIOD_MICROS = 100_000;

    private final String name;
    private final CgroupLayout layout;
    private final List<Path> groups;
    private final @Nullable UnifiedCore core;
    private final String below;

    /** @param below the group's path below each hierarchy's mount point */
    V1Cgroup(String name, CgroupLayout layout, String below) {
        this.name = name;
        this.layout = layout;
        this.below = below;
        this.core = layout.unified() == null
                ? null
                : new UnifiedCore(layout.unified().resolve(below));
        List<Path> paths = new ArrayList<>();
        layout.v1().values().stream().distinct().forEach(mount -> paths.add(mount.resolve(below)));
        if (core != null) {
            paths.add(core.group());
        }
        this.groups = List.copyOf(paths);
    }

    private @Nullable Path in(String controller) {
        return layout.group(controller, below);
    }

    private Path require(String controller, String field) {
        Path group = in(controller);
        if (group == null) {
            throw new SpecException(field, "this host has no " + controller + " control group");
        }
        return group;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Path> directories() {
        return groups;
    }

    @Override
    public Map<String, Path> hierarchies() {
        Map<String, Path> all = new TreeMap<>();
        layout.v1().forEach((hierarchy, mount) -> all.put(hierarchy, mount.resolve(below)));
        if (core != null) {
            all.put("", core.group());
        }
        return all;
    }

    @Override
    public boolean add(long pid) {
        boolean alive = true;
        for (Path group : groups) {
            alive &= CgroupFile.at(group, "cgroup.procs").addProcess(pid);
        }
        return alive;
    }

    @Override
    public void apply(Resources resources) {
        new V1Limits(layout, below, core).apply(resources);
    }

    @Override
    public List<LimitReading> readBack(Resources asked) {
        return new V1ReadBack(layout, below).of(asked);
    }

    @Override
    public CgroupStats stats() {
        return V1Stats.read(in("cpu"), in("cpuacct"), in("memory"), in("pids"), core == null ? null : core.pressure());
    }

    @Override
    public long oomKills() {
        Path group = in("memory");
        return group == null ? 0 : V1Stats.oomKills(group);
    }

    @Override
    public List<Long> processes() {
        TreeSet<Long> pids = new TreeSet<>();
        groups.forEach(group -> pids.addAll(GroupTree.processes(group)));
        return List.copyOf(pids);
    }

    @Override
    public void freeze(Duration deadline) {
        if (core != null) {
            core.freeze(deadline);
            return;
        }
        CgroupFile state = freezer();
        state.write("FROZEN");
        if (!GroupTree.await(deadline, this::frozen)) {
            state.write("THAWED");
            throw new CgroupException("freeze", state.path(), "a process is stuck in the kernel");
        }
    }

    @Override
    public void thaw() {
        if (core != null) {
            core.thaw();
        } else {
            freezer().write("THAWED");
        }
    }

    @Override
    public boolean frozen() {
        return core != null ? core.frozen() : freezer().read().equals("FROZEN");
    }

    private CgroupFile freezer() {
        return CgroupFile.at(require("freezer", "linux.resources"), "freezer.state");
    }

    @Override
    public void killAll() {
        if (core != null && Files.exists(core.group())) {
            core.killAll();
        }
        // What is on v1 only: a process that was being moved in when the agent was killed.
        Path group = in("freezer");
        if (group == null || !Files.exists(group)) {
            Kill.all(processes());
            return;
        }
        CgroupFile state = CgroupFile.at(group, "freezer.state");
        state.write("FROZEN"); // keeps a fork bomb from outrunning the loop
        Kill.all(GroupTree.processes(group));
        state.write("THAWED");
        Kill.all(processes());
    }

    @Override
    public void remove(Duration deadline) {
        boolean gone = GroupTree.await(deadline, () -> {
            boolean all = true;
            for (Path group : groups) {
                all &= GroupTree.remove(group);
            }
            if (!all) {
                killAll();
            }
            return all;
        });
        if (!gone) {
            throw new CgroupException("rmdir", groups.getFirst(), "processes " + processes() + " do not end");
        }
    }
}
