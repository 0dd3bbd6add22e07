package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.IdRange;
import io.flotilla.agent.engine.launch.Propagation;
import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.engine.launch.Step.IdMapped;
import io.flotilla.agent.oci.LinuxSpec.NamespaceType;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.RuntimeSpec.Mount;
import io.flotilla.agent.oci.SpecException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The steps of {@code mounts}. */
record Mounts(RuntimeSpec spec, PlanInput input) {

    /** What only the owner of a namespace may mount: its type, and what belongs to the container's user namespace else. */
    private static final Map<String, NamespaceType> OWNED =
            Map.of("proc", NamespaceType.PID, "sysfs", NamespaceType.NETWORK, "mqueue", NamespaceType.IPC);

    /** File systems that take an SELinux context of their own. */
    private static final List<String> LABELLED = List.of("tmpfs", "mqueue", "devpts");

    void add(List<Step> steps, int index) {
        String field = "mounts[" + index + "]";
        Mount mount = spec.mounts().get(index);
        requireAbsolute(field, mount.destination());
        MountOptions options = MountOptions.parse(mount.options());
        String type = mount.type() == null ? "" : mount.type();
        if (options.remount()) {
            if (!options.data().isEmpty()) {
                throw new SpecException(
                        field + ".options",
                        "a remount cannot change \"" + options.data().getFirst() + "\"");
            }
            steps.add(new Step.Remount(mount.destination(), options.own(), options.deep()));
        } else if (options.bind() || type.equals("bind")) {
            steps.add(bind(field, mount, options));
        } else if (type.equals("cgroup") && options.data().isEmpty()) {
            new CgroupMounts(spec.requireLinux(), input.hierarchies()).add(steps, field, mount, options);
        } else {
            steps.add(fileSystem(field, mount, type, options));
        }
    }

    private static void requireAbsolute(String field, String destination) {
        if (!destination.startsWith("/")) {
            throw new SpecException(field + ".destination", "\"" + destination + "\" is not absolute");
        }
    }

    private Step bind(String field, Mount mount, MountOptions options) {
        if (mount.source() == null) {
            throw new SpecException(field + ".source", "a bind mount needs one");
        }
        if (!mount.source().startsWith("/")) {
            throw new SpecException(field + ".source", "\"" + mount.source() + "\" is not absolute");
        }
        if (options.filled()) {
            throw new SpecException(field + ".options", "tmpcopyup fills a tmpfs, and this is a bind mount");
        }
        if (!options.data().isEmpty()) {
            throw new SpecException(
                    field + ".options",
                    "a bind mount has no option \"" + options.data().getFirst()
                            + "\": the file system is its source's");
        }
        return new Step.Bind(
                Path.of(mount.source()),
                mount.destination(),
                options.recursive(),
                idMapped(field, mount, options),
                options.own(),
                options.deep(),
                options.propagation());
    }

    private IdMapped idMapped(String field, Mount mount, MountOptions options) {
        boolean mapped = options.idmapped() != IdMapped.Depth.NOTHING;
        if (mount.uidMappings().isEmpty() != mount.gidMappings().isEmpty()) {
            String missing = mount.uidMappings().isEmpty() ? "uidMappings" : "gidMappings";
            throw new SpecException(field + "." + missing, "is missing; a mount maps both kinds of ids or none");
        }
        if (mount.uidMappings().isEmpty()) {
            if (mapped && !spec.requireLinux().lists(NamespaceType.USER)) {
                throw new SpecException(
                        field + ".options",
                        "idmap needs uidMappings and gidMappings, or a container with a user namespace");
            }
            return mapped ? new IdMapped(options.idmapped(), List.of(), List.of()) : IdMapped.NOT;
        }
        List<IdRange> uids = Plans.ranges(field + ".uidMappings", mount.uidMappings());
        List<IdRange> gids = Plans.ranges(field + ".gidMappings", mount.gidMappings());
        return new IdMapped(mapped ? options.idmapped() : IdMapped.Depth.MOUNT, uids, gids);
    }

    private Step fileSystem(String field, Mount mount, String type, MountOptions options) {
        if (type.isEmpty()) {
            throw new SpecException(field + ".type", "is missing");
        }
        if (options.idmapped() != IdMapped.Depth.NOTHING || !mount.uidMappings().isEmpty()) {
            throw new SpecException(field + ".options", "only a bind mount can be idmapped, not a new " + type);
        }
        if (options.filled() && !type.equals("tmpfs")) {
            throw new SpecException(field + ".options", "tmpcopyup fills a tmpfs, and this is a " + type);
        }
        requireOwner(field, mount, type);
        List<String> data = new ArrayList<>(options.data());
        String label = spec.requireLinux().mountLabel();
        if (label != null && LABELLED.contains(type)) {
            data.add("context=" + label);
        }
        String source = mount.source() == null ? type : mount.source();
        Propagation propagation = options.propagation();
        return new Step.FileSystem(
                type, source, mount.destination(), data, options.own().set(), propagation, options.filled());
    }

    /** The kernel would only say EPERM. */
    private void requireOwner(String field, Mount mount, String type) {
        NamespaceType needed = OWNED.get(type);
        if (needed != null
                && spec.requireLinux().owns(NamespaceType.USER)
                && !spec.requireLinux().owns(needed)) {
            String name = needed.name().toLowerCase(java.util.Locale.ROOT);
            throw new SpecException(
                    field,
                    "%s cannot be mounted on %s: the container has a user namespace of its own, and its %s namespace belongs to another one; bind the host's instead"
                            .formatted(type, mount.destination(), name));
        }
    }
}
