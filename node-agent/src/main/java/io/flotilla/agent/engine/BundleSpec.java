package io.flotilla.agent.engine;

import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.RuntimeSpec.Mount;
import java.nio.file.Path;
import java.util.List;

/** Says in the engine's own terms what a spec says relative to its bundle: the sources of bind mounts. */
final class BundleSpec {

    private BundleSpec() {}

    static RuntimeSpec absolute(RuntimeSpec spec, Path bundle) {
        List<Mount> mounts =
                spec.mounts().stream().map(mount -> absolute(mount, bundle)).toList();
        return spec.withMounts(mounts);
    }

    private static Mount absolute(Mount mount, Path bundle) {
        boolean bind = "bind".equals(mount.type())
                || mount.options().contains("bind")
                || mount.options().contains("rbind");
        if (!bind || mount.source() == null) {
            return mount;
        }
        return new Mount(
                mount.destination(),
                mount.type(),
                bundle.resolve(mount.source()).toString(),
                mount.options(),
                mount.uidMappings(),
                mount.gidMappings());
    }
}
