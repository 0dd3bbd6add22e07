package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** The slice on a v1 or hybrid host: a directory of the same name at the root of every hierarchy. */
record V1Cgroups(CgroupLayout layout, String slice) implements Cgroups {

    static V1Cgroups open(CgroupLayout layout, String slice) {
        V1Cgroups cgroups = new V1Cgroups(layout, slice);
        cgroups.make(slice);
        cgroups.make(slice + "/" + SHIMS);
        return cgroups;
    }

    /** See {@link Cgroups#make}. */
    static V1Cgroup make(CgroupLayout layout, String path) {
        V1Cgroups root = new V1Cgroups(layout, "");
        for (int end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
            root.ensure(path.substring(0, end));
        }
        root.ensure(path);
        return new V1Cgroup(path, layout, path);
    }

    /** Makes again what somebody has removed since {@link #open}. */
    private V1Cgroup ensure(String below) {
        V1Cgroup cgroup = new V1Cgroup(below.substring(below.indexOf('/') + 1), layout, below);
        return cgroup.directories().stream().allMatch(Files::exists) ? cgroup : make(below);
    }

    /** Also below the slice, the first group of a hierarchy needs what its parent was given. */
    private V1Cgroup make(String below) {
        V1Cgroup cgroup = new V1Cgroup(below.substring(below.indexOf('/') + 1), layout, below);
        for (Path group : cgroup.directories()) {
            GroupTree.make(group);
        }
        inheritCpuset(below);
        Path memory = layout.controller("memory");
        if (memory != null) {
            CgroupFile hierarchical = CgroupFile.at(memory.resolve(below), "memory.use_hierarchy");
            if (hierarchical.exists() && hierarchical.read().equals("0")) {
                hierarchical.write("1");
            }
        }
        return cgroup;
    }

    /** A new cpuset group is empty, and no process can enter it until it has processors and memory nodes. */
    private void inheritCpuset(String below) {
        Path mount = layout.controller("cpuset");
        if (mount == null) {
            return;
        }
        Path group = mount.resolve(below);
        Path parent = group.getParent();
        if (parent == null) {
            return;
        }
        for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
            CgroupFile own = CgroupFile.at(group, file);
            if (own.read().isEmpty()) {
                own.write(CgroupFile.at(parent, file).read());
            }
        }
    }

    @Override
    public CgroupMode mode() {
        return layout.mode();
    }

    @Override
    public Cgroup create(String name, Resources resources) {
        V1Cgroup cgroup = new V1Cgroup(name, layout, slice + "/" + name);
        try {
            ensure(slice);
            make(slice + "/" + name);
            // Not earlier: while one process waits to be moved, no group can be made.
            GracePeriod.begin(layout);
            cgroup.apply(resources);
            return cgroup;
        } catch (RuntimeException e) {
            if (!cgroup.populated()) {
                cgroup.remove(Duration.ZERO);
            }
            throw e;
        }
    }

    @Override
    public Cgroup shims() {
        ensure(slice);
        return ensure(slice + "/" + SHIMS);
    }

    @Override
    public Optional<Cgroup> find(String name) {
        V1Cgroup cgroup = new V1Cgroup(name, layout, slice + "/" + name);
        return cgroup.directories().stream().anyMatch(Files::exists) ? Optional.of(cgroup) : Optional.empty();
    }

    @Override
    public SortedSet<String> list() {
        TreeSet<String> names = new TreeSet<>();
        for (Path group : new V1Cgroup(slice, layout, slice).directories()) {
            GroupTree.children(group).forEach(child -> names.add(String.valueOf(child.getFileName())));
        }
        names.remove(SHIMS);
        return names;
    }

    @Override
    public void purge(Duration deadline) {
        new V1Cgroup(slice, layout, slice).remove(deadline);
    }
}
