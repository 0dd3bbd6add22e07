package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.MountAttribute;
import io.flotilla.agent.engine.launch.Propagation;
import io.flotilla.agent.oci.SpecException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The options of one mount, sorted into what the kernel takes them for; names as in the runtime specification's table. */
record MountOptions(
        boolean bind,
        boolean recursive,
        boolean idmapped,
        boolean recursiveAttributes,
        Set<MountAttribute> set,
        Set<MountAttribute> clear,
        Propagation propagation,
        List<String> data) {

    private static final Map<String, MountAttribute> SETS = Map.of(
            "ro", MountAttribute.READ_ONLY,
            "nosuid", MountAttribute.NO_SUID,
            "nodev", MountAttribute.NO_DEV,
            "noexec", MountAttribute.NO_EXEC,
            "noatime", MountAttribute.NO_ATIME,
            "strictatime", MountAttribute.STRICT_ATIME,
            "nodiratime", MountAttribute.NO_DIR_ATIME,
            "nosymfollow", MountAttribute.NO_SYMFOLLOW);

    private static final Map<String, MountAttribute> CLEARS = Map.of(
            "rw", MountAttribute.READ_ONLY,
            "suid", MountAttribute.NO_SUID,
            "dev", MountAttribute.NO_DEV,
            "exec", MountAttribute.NO_EXEC,
            "atime", MountAttribute.NO_ATIME,
            "diratime", MountAttribute.NO_DIR_ATIME,
            "symfollow", MountAttribute.NO_SYMFOLLOW);

    /** Spelt out in mount(8), but the kernel's default, or of no meaning for a single container. */
    private static final Set<String> IGNORED = Set.of("defaults", "relatime", "norelatime", "async", "nostrictatime");

    private static final Set<String> PROPAGATIONS =
            Set.of("private", "slave", "shared", "unbindable", "rprivate", "rslave", "rshared", "runbindable");

    static MountOptions parse(String field, List<String> options) {
        boolean bind = false;
        boolean recursive = false;
        boolean idmapped = false;
        boolean recursiveAttributes = false;
        EnumSet<MountAttribute> set = EnumSet.noneOf(MountAttribute.class);
        EnumSet<MountAttribute> clear = EnumSet.noneOf(MountAttribute.class);
        Propagation propagation = Propagation.RPRIVATE;
        List<String> data = new ArrayList<>();
        for (String option : options) {
            // rro, rnosuid, ...: the same attribute for the mounts below as well.
            boolean deep = option.startsWith("r")
                    && (SETS.containsKey(option.substring(1)) || CLEARS.containsKey(option.substring(1)))
                    && !SETS.containsKey(option)
                    && !CLEARS.containsKey(option);
            String name = deep ? option.substring(1) : option;
            recursiveAttributes |= deep;
            if (SETS.containsKey(name)) {
                set.add(SETS.get(name));
                clear.remove(SETS.get(name));
            } else if (CLEARS.containsKey(name)) {
                clear.add(CLEARS.get(name));
                set.remove(CLEARS.get(name));
            } else if (PROPAGATIONS.contains(name)) {
                propagation = Propagation.valueOf(name.toUpperCase(Locale.ROOT));
            } else if (name.equals("bind") || name.equals("rbind")) {
                bind = true;
                recursive |= name.equals("rbind");
            } else if (name.equals("idmap") || name.equals("ridmap")) {
                idmapped = true;
            } else if (name.equals("remount") || name.equals("tmpcopyup")) {
                throw new SpecException(field, "option \"" + name + "\" is not supported");
            } else if (!IGNORED.contains(name)) {
                data.add(name);
            }
        }
        return new MountOptions(bind, recursive, idmapped, recursiveAttributes, set, clear, propagation, data);
    }
}
