package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The slice on a cgroup2 host. Where systemd is PID 1 it owns the tree and alone may write near the root, so the groups
 * then lie below a unit that it delegates; elsewhere the slice is a plain directory.
 */
record V2Cgroups(Path mount, Path slice, String sliceName) implements Cgroups {

    private static final List<String> CONTROLLERS =
            List.of("cpu", "memory", "pids", "cpuset", "io", "hugetlb", "rdma", "misc");

    static V2Cgroups open(CgroupLayout layout, String sliceName) {
        Path mount = layout.unified();
        if (mount == null) {
            throw new CgroupException("find", Path.of("/sys/fs/cgroup"), "no control groups are mounted");
        }
        V2Cgroups cgroups = new V2Cgroups(mount, directory(mount, sliceName), sliceName);
        cgroups.prepare();
        return cgroups;
    }

    static V2Cgroup at(CgroupLayout layout, String path) {
        Path mount = layout.unified();
        if (mount == null) {
            throw new CgroupException("find", Path.of("/sys/fs/cgroup"), "no control groups are mounted");
        }
        return new V2Cgroup(path, mount.resolve(path));
    }

    /** See {@link Cgroups#make}. */
    static V2Cgroup make(CgroupLayout layout, String path) {
        V2Cgroup group = at(layout, path);
        Path above = V2Cgroups.at(layout, "").group();
        for (Path name : Path.of(path)) {
            enable(above);
            above = above.resolve(name);
            GroupTree.make(above);
        }
        return group;
    }

    private static Path directory(Path mount, String sliceName) {
        if (SystemdDelegation.present() && mount.equals(Path.of("/sys/fs/cgroup"))) {
            return SystemdDelegation.ensure(mount, sliceName);
        }
        return mount.resolve(sliceName);
    }

    private void prepare() {
        GroupTree.make(slice);
        if (!slice.equals(mount.resolve(sliceName))) {
            enable(slice); // systemd has enabled the controllers above what it delegates
            return;
        }
        enable(mount);
        enable(slice);
    }

    /** Lets the groups below use every controller that this group has. */
    private static void enable(Path group) {
        List<String> available =
                List.of(CgroupFile.at(group, "cgroup.controllers").read().split("\\s+", -1));
        List<String> enabled =
                List.of(CgroupFile.at(group, "cgroup.subtree_control").read().split("\\s+", -1));
        for (String controller : CONTROLLERS) {
            if (available.contains(controller) && !enabled.contains(controller)) {
                CgroupFile.at(group, "cgroup.subtree_control").write("+" + controller);
            }
        }
    }

    @Override
    public CgroupMode mode() {
        return CgroupMode.V2;
    }

    @Override
    public Cgroup create(String name, Resources resources) {
        GracePeriod.begin(new CgroupLayout(Map.of(), mount));
        if (!Files.exists(slice)) {
            directory(mount, sliceName);
        }
        prepare();
        V2Cgroup cgroup = new V2Cgroup(name, slice.resolve(name));
        GroupTree.make(cgroup.group());
        try {
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
        V2Cgroup cgroup = new V2Cgroup(SHIMS, slice.resolve(SHIMS));
        GroupTree.make(cgroup.group());
        return cgroup;
    }

    @Override
    public Optional<Cgroup> find(String name) {
        V2Cgroup cgroup = new V2Cgroup(name, slice.resolve(name));
        return Files.exists(cgroup.group()) ? Optional.of(cgroup) : Optional.empty();
    }

    @Override
    public SortedSet<String> list() {
        TreeSet<String> names = new TreeSet<>();
        GroupTree.children(slice).forEach(child -> names.add(String.valueOf(child.getFileName())));
        names.remove(SHIMS);
        names.remove(SystemdDelegation.HOLDER);
        return names;
    }

    @Override
    public void purge(Duration deadline) {
        if (!slice.equals(mount.resolve(sliceName))) {
            SystemdDelegation.stop(sliceName);
        }
        new V2Cgroup(sliceName, slice).remove(deadline);
    }
}
