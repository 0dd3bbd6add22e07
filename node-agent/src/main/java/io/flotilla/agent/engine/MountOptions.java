package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.MountAttribute;
import io.flotilla.agent.engine.launch.Propagation;
import io.flotilla.agent.engine.launch.Step.Attributes;
import io.flotilla.agent.engine.launch.Step.IdMapped;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The options of one mount, sorted into what the kernel takes them for; names as in the runtime specification's table.
 *
 * @param own attributes of the mount itself
 * @param deep those that an option in its r form gives the mounts below as well
 * @param data what is left, the file system's own
 */
record MountOptions(
        boolean bind,
        boolean recursive,
        boolean remount,
        boolean filled,
        IdMapped.Depth idmapped,
        Attributes own,
        Attributes deep,
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
            "relatime", MountAttribute.NO_ATIME,
            "nostrictatime", MountAttribute.STRICT_ATIME,
            "diratime", MountAttribute.NO_DIR_ATIME,
            "symfollow", MountAttribute.NO_SYMFOLLOW);

    /** Spelt out in mount(8), but the kernel's default, or about what it prints. */
    private static final Set<String> IGNORED = Set.of("defaults", "norelatime", "async", "loud", "silent", "nomand");

    /** Of the file system as a whole, which takes them by the same names. */
    private static final Set<String> OF_FILE_SYSTEM =
            Set.of("sync", "dirsync", "lazytime", "nolazytime", "iversion", "noiversion", "mand", "acl", "noacl");

    private static final Set<String> PROPAGATIONS =
            Set.of("private", "slave", "shared", "unbindable", "rprivate", "rslave", "rshared", "runbindable");

    private static final Set<String> OTHERS = Set.of("bind", "rbind", "remount", "tmpcopyup", "idmap", "ridmap");

    /** Every option that does not depend on a type of file system, sorted. */
    static List<String> known() {
        TreeSet<String> names = new TreeSet<>(PROPAGATIONS);
        Stream.of(SETS.keySet(), CLEARS.keySet()).flatMap(Set::stream).forEach(name -> {
            names.add(name);
            names.add("r" + name);
        });
        Stream.of(IGNORED, OF_FILE_SYSTEM, OTHERS).forEach(names::addAll);
        return List.copyOf(names);
    }

    static MountOptions parse(List<String> options) {
        Set<String> flags = Set.copyOf(options);
        Collected own = new Collected();
        Collected deep = new Collected();
        Propagation propagation = Propagation.RPRIVATE;
        List<String> data = new ArrayList<>();
        for (String option : options) {
            if (own.takes(option) || OTHERS.contains(option) || IGNORED.contains(option)) {
                continue;
            }
            if (PROPAGATIONS.contains(option)) {
                propagation = Propagation.valueOf(option.toUpperCase(Locale.ROOT));
            } else if (!option.startsWith("r") || !deep.takes(option.substring(1))) {
                data.add(option);
            }
        }
        return new MountOptions(
                flags.contains("bind") || flags.contains("rbind"),
                flags.contains("rbind"),
                flags.contains("remount"),
                flags.contains("tmpcopyup"),
                depth(flags),
                own.attributes(),
                deep.attributes(),
                propagation,
                data);
    }

    private static IdMapped.Depth depth(Set<String> flags) {
        if (flags.contains("ridmap")) {
            return IdMapped.Depth.WITH_MOUNTS_BELOW;
        }
        return flags.contains("idmap") ? IdMapped.Depth.MOUNT : IdMapped.Depth.NOTHING;
    }

    /** Later options win over earlier ones. */
    private static final class Collected {
        private final EnumSet<MountAttribute> set = EnumSet.noneOf(MountAttribute.class);
        private final EnumSet<MountAttribute> clear = EnumSet.noneOf(MountAttribute.class);

        boolean takes(String name) {
            move(SETS.get(name), clear, set);
            move(CLEARS.get(name), set, clear);
            return SETS.containsKey(name) || CLEARS.containsKey(name);
        }

        private static void move(
                @org.jspecify.annotations.Nullable MountAttribute attribute,
                Set<MountAttribute> from,
                Set<MountAttribute> to) {
            if (attribute != null) {
                from.remove(attribute);
                to.add(attribute);
            }
        }

        Attributes attributes() {
            return new Attributes(set, clear);
        }
    }
}
