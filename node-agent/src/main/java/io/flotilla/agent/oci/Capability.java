package io.flotilla.agent.oci;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The capabilities of capabilities(7), in the order of their numbers. */
public enum Capability {
    CHOWN(0),
    DAC_OVERRIDE(1),
    DAC_READ_SEARCH(2),
    FOWNER(3),
    FSETID(4),
    KILL(5),
    SETGID(6),
    SETUID(7),
    SETPCAP(8),
    LINUX_IMMUTABLE(9),
    NET_BIND_SERVICE(10),
    NET_BROADCAST(11),
    NET_ADMIN(12),
    NET_RAW(13),
    IPC_LOCK(14),
    IPC_OWNER(15),
    SYS_MODULE(16),
    SYS_RAWIO(17),
    SYS_CHROOT(18),
    SYS_PTRACE(19),
    SYS_PACCT(20),
    SYS_ADMIN(21),
    SYS_BOOT(22),
    SYS_NICE(23),
    SYS_RESOURCE(24),
    SYS_TIME(25),
    SYS_TTY_CONFIG(26),
    MKNOD(27),
    LEASE(28),
    AUDIT_WRITE(29),
    AUDIT_CONTROL(30),
    SETFCAP(31),
    MAC_OVERRIDE(32),
    MAC_ADMIN(33),
    SYSLOG(34),
    WAKE_ALARM(35),
    BLOCK_SUSPEND(36),
    AUDIT_READ(37),
    PERFMON(38),
    BPF(39),
    CHECKPOINT_RESTORE(40);

    /**
     * What an ordinary container gets: Docker's set without MKNOD, which a user namespace makes useless and without one
     * opens every device of the host.
     */
    public static final Set<Capability> ORDINARY = Set.copyOf(EnumSet.of(
            CHOWN,
            DAC_OVERRIDE,
            FOWNER,
            FSETID,
            KILL,
            SETGID,
            SETUID,
            SETPCAP,
            NET_BIND_SERVICE,
            NET_RAW,
            SYS_CHROOT,
            AUDIT_WRITE,
            SETFCAP));

    private final int number;

    Capability(int number) {
        this.number = number;
    }

    /** As in {@code CAP_CHOWN}. */
    public String ociName() {
        return "CAP_" + name();
    }

    /** Its bit in a set. */
    public long bit() {
        return 1L << number;
    }

    /** By name, with or without {@code CAP_}, in any case. */
    public static Optional<Capability> find(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        String bare = upper.startsWith("CAP_") ? upper.substring("CAP_".length()) : upper;
        return Arrays.stream(values())
                .filter(capability -> capability.name().equals(bare))
                .findFirst();
    }

    /** As {@link #find}, for names that must be known. */
    static Capability named(String field, String name) {
        return find(name).orElseThrow(() -> new SpecException(field, "\"" + name + "\" is no capability"));
    }

    /** The ordinary set with additions and without removals; {@code ALL} in either list stands for every capability. */
    static Set<Capability> ordinary(List<String> add, List<String> drop) {
        EnumSet<Capability> set =
                drop.stream().anyMatch(Capability::isAll) ? EnumSet.noneOf(Capability.class) : EnumSet.copyOf(ORDINARY);
        for (int i = 0; i < drop.size(); i++) {
            if (!isAll(drop.get(i))) {
                set.remove(named("capDrop[" + i + "]", drop.get(i)));
            }
        }
        for (int i = 0; i < add.size(); i++) {
            if (isAll(add.get(i))) {
                set.addAll(EnumSet.allOf(Capability.class));
            } else {
                set.add(named("capAdd[" + i + "]", add.get(i)));
            }
        }
        return set;
    }

    private static boolean isAll(String name) {
        return name.equalsIgnoreCase("ALL");
    }

    static List<String> ociNames(Collection<Capability> set) {
        List<String> names = new ArrayList<>();
        set.stream().sorted().forEach(capability -> names.add(capability.ociName()));
        return names;
    }

    /** Names of the bits that are set. */
    public static List<String> ofBits(long bits) {
        List<String> names = new ArrayList<>();
        for (Capability capability : values()) {
            if (((bits >>> capability.number) & 1) == 1) {
                names.add(capability.ociName());
            }
        }
        return names;
    }
}
