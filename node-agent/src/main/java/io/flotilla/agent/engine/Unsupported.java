package io.flotilla.agent.engine;

import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.LinuxSpec.NamespaceType;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.SpecException;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a spec may say and the engine does not do: an error, since a limit or a protection that is silently left out is worse
 * than none. Limits are refused where they are applied, in {@code cgroup}; only {@code annotations} have no effect by design.
 */
final class Unsupported {

    private Unsupported() {}

    /** @throws SpecException naming the field */
    static void refuse(RuntimeSpec spec) {
        if (!String.valueOf(spec.ociVersion()).matches("1\\..+")) {
            throw new SpecException("ociVersion", "\"" + spec.ociVersion() + "\" is not 1.x");
        }
        if (spec.hooks() != null && !spec.hooks().isEmpty()) {
            throw new SpecException("hooks", "are not supported");
        }
        for (int i = 0; i < spec.mounts().size(); i++) {
            RuntimeSpec.Mount mount = spec.mounts().get(i);
            if (!mount.uidMappings().isEmpty() || !mount.gidMappings().isEmpty()) {
                throw new SpecException(
                        "mounts[" + i + "].uidMappings", "are not supported; option idmap takes the container's own");
            }
        }
        refuse(spec.requireProcess().execCPUAffinity() != null, "process.execCPUAffinity");
        refuse(spec.requireLinux());
    }

    private static void refuse(LinuxSpec linux) {
        refuse(linux.personality() != null, "linux.personality");
        refuse(!linux.timeOffsets().isEmpty(), "linux.timeOffsets");
        refuse(linux.mountLabel() != null, "linux.mountLabel");
        refuse(linux.cgroupsPath() != null, "linux.cgroupsPath");
        refuse(linux.intelRdt() != null, "linux.intelRdt");
        refuse(linux.memoryPolicy() != null, "linux.memoryPolicy");
        refuse(!linux.netDevices().isEmpty(), "linux.netDevices");
        Set<NamespaceType> seen = EnumSet.noneOf(NamespaceType.class);
        for (int i = 0; i < linux.namespaces().size(); i++) {
            if (!seen.add(linux.namespaces().get(i).type())) {
                throw new SpecException("linux.namespaces[" + i + "]", "repeats a type");
            }
        }
        if (!linux.owns(NamespaceType.MOUNT)) {
            throw new SpecException("linux.namespaces", "a container needs a mount namespace of its own");
        }
        if (!linux.owns(NamespaceType.USER) && !linux.uidMappings().isEmpty()) {
            throw new SpecException("linux.uidMappings", "need a user namespace");
        }
        if (!linux.owns(NamespaceType.USER) && !linux.gidMappings().isEmpty()) {
            throw new SpecException("linux.gidMappings", "need a user namespace");
        }
    }

    private static void refuse(boolean given, String field) {
        if (given) {
            throw new SpecException(field, "is not supported");
        }
    }
}
