package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.MountAttribute;
import io.flotilla.agent.engine.launch.Propagation;
import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.LinuxSpec.NamespaceType;
import io.flotilla.agent.oci.RuntimeSpec.Mount;
import io.flotilla.agent.oci.SpecException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A mount of type {@code cgroup} stands for whatever the host has: cgroup2, or a tmpfs with every hierarchy of v1. With a
 * cgroup namespace of its own the container mounts them itself and sees its group as their root; else it gets its group bound.
 *
 * @param hierarchies the group's directories, as {@link io.flotilla.agent.cgroup.Cgroup#hierarchies} gives them
 */
record CgroupMounts(LinuxSpec linux, Map<String, Path> hierarchies) {

    void add(List<Step> steps, String field, Mount mount, MountOptions options) {
        if (hierarchies.isEmpty()) {
            throw new SpecException(field + ".type", "the container is in no control group that could be shown");
        }
        String destination = mount.destination();
        Path unified = hierarchies.get("");
        if (hierarchies.size() == 1 && unified != null) {
            steps.add(one("", unified, destination, options));
            return;
        }
        Set<MountAttribute> writable = EnumSet.noneOf(MountAttribute.class);
        writable.addAll(options.own().set());
        writable.remove(MountAttribute.READ_ONLY);
        steps.add(Step.FileSystem.plain("tmpfs", "tmpfs", destination, List.of("mode=755", "size=64k"), writable));
        new TreeMap<>(hierarchies).forEach((hierarchy, group) -> {
            if (hierarchy.isEmpty()) {
                return; // of a hybrid host only v1 is shown, which has the controllers
            }
            String directory = hierarchy.startsWith("name=") ? hierarchy.substring("name=".length()) : hierarchy;
            steps.add(one(hierarchy, group, destination + "/" + directory, options));
            for (String controller : directory.contains(",") ? directory.split(",", -1) : new String[0]) {
                steps.add(new Step.SymbolicLink(destination + "/" + controller, directory));
            }
        });
        if (options.own().set().contains(MountAttribute.READ_ONLY)) {
            Step.Attributes readOnly = new Step.Attributes(Set.of(MountAttribute.READ_ONLY), Set.of());
            steps.add(new Step.Remount(destination, readOnly, Step.Attributes.NONE));
        }
    }

    private Step one(String hierarchy, Path group, String destination, MountOptions options) {
        if (!linux.owns(NamespaceType.CGROUP)) {
            return new Step.Bind(
                    group, destination, false, Step.IdMapped.NOT, options.own(), options.deep(), Propagation.PRIVATE);
        }
        List<String> data = new ArrayList<>();
        if (hierarchy.startsWith("name=")) {
            data.add("none"); // the kernel wants it said that a hierarchy has no controllers
        }
        if (!hierarchy.isEmpty()) {
            data.addFirst(hierarchy);
        }
        String type = hierarchy.isEmpty() ? "cgroup2" : "cgroup";
        return Step.FileSystem.plain(
                type, "cgroup", destination, data, options.own().set());
    }
}
