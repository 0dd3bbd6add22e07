package io.flotilla.agent.engine.launch;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One step of a launch plan. Steps on the host's side (namespaces to id maps, limits, roots and binds' sources) are taken
 * by the shim with the host's privilege before the container's process may go on; all others by that process, in the
 * plan's order. Targets are paths inside the container's root, resolved there by descriptor without magic links.
 */
public sealed interface Step {

    /** What the step does, for the sentence about its failure: {@code mount tmpfs on /data}. */
    String describe();

    /**
     * Which namespaces the process gets: made new in one clone3, joined by path, or (in neither set) the host's. What is made
     * new belongs to the user namespace that is joined or made with it. Must be the first step.
     */
    record Namespaces(Set<Namespace> created, Map<Namespace, Path> joined) implements Step {
        public Namespaces {
            created = created.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(created));
            joined = joined.isEmpty() ? Map.of() : Map.copyOf(new EnumMap<>(joined));
            for (Namespace namespace : joined.keySet()) {
                if (created.contains(namespace)) {
                    throw new IllegalArgumentException(namespace + " namespace is both created and joined");
                }
            }
        }

        @Override
        public String describe() {
            return "make the namespaces";
        }
    }

    /** The id maps of a new user namespace. */
    record IdMaps(List<IdRange> uids, List<IdRange> gids) implements Step {
        public IdMaps {
            uids = List.copyOf(uids);
            gids = List.copyOf(gids);
        }

        @Override
        public String describe() {
            return "write the id maps";
        }
    }

    /** Standard streams: a terminal of the given size (0 for unknown), or pipes; without {@code stdin} it is /dev/null. */
    record Stdio(boolean terminal, boolean stdin, int rows, int columns) implements Step {
        @Override
        public String describe() {
            return "make the standard streams";
        }
    }

    /**
     * Writes the output to segments named {@code 00000001.log} and so on. When one has reached its size the next is begun,
     * and the oldest beyond the count are removed. Absent: no log.
     */
    record Log(long segmentBytes, int segments) implements Step {
        public Log {
            if (segmentBytes < 4096 || segments < 1) {
                throw new IllegalArgumentException(
                        "log segments of " + segmentBytes + " bytes, " + segments + " of them");
            }
        }

        @Override
        public String describe() {
            return "open the log";
        }
    }

    /** Puts the process into a cgroup: the directory of one hierarchy. */
    record JoinCgroup(Path directory) implements Step {
        @Override
        public String describe() {
            return "join the cgroup " + directory;
        }
    }

    /** {@code oom_score_adj}, -1000 to 1000. A plan without it gets 0, not the shim's own value. */
    record OomScore(int adjustment) implements Step {
        @Override
        public String describe() {
            return "set oom_score_adj to " + adjustment;
        }
    }

    /** One limit by its RLIMIT number; -1 is unlimited. */
    record ResourceLimit(int resource, long soft, long hard) implements Step {
        @Override
        public String describe() {
            return "set resource limit " + resource + " to " + soft + ", " + hard;
        }
    }

    /**
     * The root as an overlay. The lower directories are named relative to one common parent, <b>lowest first</b>, so that
     * one idmapped mount of the parent serves them all; upper and work lie outside of it and belong to the mapped root.
     */
    record OverlayRoot(Path parent, List<String> lower, Path upper, Path work, boolean idmapped) implements Step {
        public OverlayRoot {
            lower = List.copyOf(lower);
            if (lower.isEmpty() || lower.size() > 500) {
                throw new IllegalArgumentException("an overlay of " + lower.size() + " layers");
            }
        }

        @Override
        public String describe() {
            return "mount the root overlay of " + lower.size() + " layers";
        }
    }

    /** The root as a directory of the host, with the mounts below it. */
    record DirectoryRoot(Path directory, boolean idmapped) implements Step {
        @Override
        public String describe() {
            return "mount the root directory " + directory;
        }
    }

    /**
     * A bind mount. The source is a path of the host; a missing target is made, as a file or directory like the source.
     *
     * @param recursive takes the mounts below the source along
     * @param own attributes of the mount itself
     * @param deep those of the mounts below as well
     */
    record Bind(
            Path source,
            String target,
            boolean recursive,
            IdMapped idmapped,
            Attributes own,
            Attributes deep,
            Propagation propagation)
            implements Step {

        /** The source as it is and nothing more. */
        public static Bind plain(Path source, String target) {
            return new Bind(source, target, false, IdMapped.NOT, Attributes.NONE, Attributes.NONE, Propagation.PRIVATE);
        }

        @Override
        public String describe() {
            return "bind " + source + " on " + target;
        }
    }

    /** What a mount gets and what it loses. */
    record Attributes(Set<MountAttribute> set, Set<MountAttribute> clear) {

        public static final Attributes NONE = new Attributes(Set.of(), Set.of());

        public Attributes {
            set = Set.copyOf(set);
            clear = Set.copyOf(clear);
        }
    }

    /**
     * How a bind mount's owners are mapped. Without ranges of its own it gets the container's map, or none where the container
     * has no user namespace.
     */
    record IdMapped(Depth depth, List<IdRange> uids, List<IdRange> gids) {

        public enum Depth {
            NOTHING,
            MOUNT,
            WITH_MOUNTS_BELOW
        }

        public static final IdMapped NOT = new IdMapped(Depth.NOTHING, List.of(), List.of());

        public IdMapped {
            uids = List.copyOf(uids);
            gids = List.copyOf(gids);
        }
    }

    /**
     * A new instance of a file system, with its own options ({@code mode=755}, {@code newinstance}) by fsconfig(2).
     *
     * @param filled whether it begins with what is in the directory that it covers
     */
    record FileSystem(
            String type,
            String source,
            String target,
            List<String> options,
            Set<MountAttribute> attributes,
            Propagation propagation,
            boolean filled)
            implements Step {
        public FileSystem {
            options = List.copyOf(options);
            attributes = Set.copyOf(attributes);
        }

        /** Empty, and private. */
        public static FileSystem plain(
                String type, String source, String target, List<String> options, Set<MountAttribute> attributes) {
            return new FileSystem(type, source, target, options, attributes, Propagation.PRIVATE, false);
        }

        @Override
        public String describe() {
            return "mount " + type + " on " + target;
        }
    }

    /**
     * A device node. With {@code bound} the host's node of the same path is bound (in a user namespace mknod is refused),
     * after it was checked to be that very device; else it is made, with mode and owner, unless it is there already.
     */
    record DeviceNode(String path, Kind kind, int major, int minor, int mode, long uid, long gid, boolean bound)
            implements Step {

        public enum Kind {
            CHARACTER,
            BLOCK,
            FIFO
        }

        @Override
        public String describe() {
            return "make the device " + path;
        }
    }

    /** A symbolic link; an existing one with the same content is kept. */
    record SymbolicLink(String path, String content) implements Step {
        @Override
        public String describe() {
            return "link " + path;
        }
    }

    /** The terminal's other end as /dev/console. */
    record Console() implements Step {
        @Override
        public String describe() {
            return "bind the terminal on /dev/console";
        }
    }

    /** Covers a file with /dev/null or a directory with an empty read-only tmpfs; a missing path is fine. */
    record MaskedPath(String path) implements Step {
        @Override
        public String describe() {
            return "mask " + path;
        }
    }

    /** Makes a path read-only; a missing path is fine. */
    record ReadOnlyPath(String path) implements Step {
        @Override
        public String describe() {
            return "make " + path + " read-only";
        }
    }

    /** Changes the attributes of a mount that is there already. */
    record Remount(String target, Attributes own, Attributes deep) implements Step {
        @Override
        public String describe() {
            return "remount " + target;
        }
    }

    /** Lines for {@code timens_offsets}, time_namespaces(7); only with a new time namespace. */
    record TimeOffsets(String lines) implements Step {
        @Override
        public String describe() {
            return "set the clocks' offsets";
        }
    }

    /** The execution domain by its number, personality(2). */
    record Personality(int domain) implements Step {
        @Override
        public String describe() {
            return "set the personality";
        }
    }

    /** The processors that the process may use, as of this place among the {@link JoinCgroup} steps; bit n for processor n. */
    record CpuAffinity(ByteBuffer mask) implements Step {
        public CpuAffinity {
            mask = mask.asReadOnlyBuffer();
        }

        @Override
        public String describe() {
            return "set the processor affinity";
        }
    }

    /** set_mempolicy(2): mode with its flags, and a bit for each node. */
    record MemoryPolicy(int mode, ByteBuffer nodes) implements Step {
        public MemoryPolicy {
            nodes = nodes.asReadOnlyBuffer();
        }

        @Override
        public String describe() {
            return "set the memory policy";
        }
    }

    /** Here the process waits: {@link Shim#proceed} returns, and goes on when it is called once more. */
    record Checkpoint() implements Step {
        @Override
        public String describe() {
            return "wait for the host's hooks";
        }
    }

    /**
     * A program that is run in the container's namespaces, here or when the container is started, and must end with 0.
     *
     * @param seconds its timeout, 0 for none
     * @param state what it reads: the parts with the process's id between them
     */
    record Hook(
            boolean atStart, String path, int seconds, List<String> argv, List<String> environment, List<String> state)
            implements Step {
        public Hook {
            argv = List.copyOf(argv);
            environment = List.copyOf(environment);
            state = List.copyOf(state);
        }

        @Override
        public String describe() {
            return "run the " + (atStart ? "startContainer" : "createContainer") + " hook " + path;
        }
    }

    /** Makes the root mount read-only. After everything that creates targets. */
    record ReadOnlyRoot() implements Step {
        @Override
        public String describe() {
            return "make the root read-only";
        }
    }

    /** Enters the root and drops the host's mounts; the new root gets the propagation. */
    record PivotRoot(Propagation propagation) implements Step {
        @Override
        public String describe() {
            return "enter the root";
        }
    }

    /**
     * Writes a file below {@code /proc/sys} of the container's own procfs: {@code net/ipv4/ip_forward}. After that was
     * mounted, and before anything (a {@link ReadOnlyPath}) covers it.
     */
    record Sysctl(String path, String value) implements Step {
        @Override
        public String describe() {
            return "set sysctl " + path;
        }
    }

    record HostName(String name) implements Step {
        @Override
        public String describe() {
            return "set the host name " + name;
        }
    }

    record DomainName(String name) implements Step {
        @Override
        public String describe() {
            return "set the domain name " + name;
        }
    }

    /** The working directory, after the root was entered; {@code create} makes it when it is missing. */
    record WorkingDirectory(String path, boolean create) implements Step {
        @Override
        public String describe() {
            return "change to the working directory " + path;
        }
    }

    record Umask(int mask) implements Step {
        @Override
        public String describe() {
            return "set the umask";
        }
    }

    /** Ids inside the container; exactly these additional groups. Keeps capabilities for the next steps. */
    record Identity(long uid, long gid, List<Long> groups) implements Step {
        public Identity {
            groups = List.copyOf(groups);
        }

        @Override
        public String describe() {
            return "become user " + uid + ", group " + gid;
        }
    }

    /** Capability sets as bits by capability number, capabilities(7). */
    record Capabilities(long bounding, long effective, long permitted, long inheritable, long ambient) implements Step {
        @Override
        public String describe() {
            return "set the capabilities";
        }
    }

    record NoNewPrivileges() implements Step {
        @Override
        public String describe() {
            return "set no_new_privs";
        }
    }

    /**
     * Loads a filter program: an array of {@code struct sock_filter} in the machine's byte order, and SECCOMP_FILTER_FLAG_
     * bits. Without {@link NoNewPrivileges} it must stand before {@link Capabilities}; with a listener it needs a
     * {@link Listener}.
     */
    record Seccomp(ByteBuffer program, int flags) implements Step {
        public Seccomp {
            program = program.asReadOnlyBuffer();
            if (program.remaining() == 0 || program.remaining() % 8 != 0) {
                throw new IllegalArgumentException("a seccomp program of " + program.remaining() + " bytes");
            }
        }

        @Override
        public String describe() {
            return "load the seccomp program";
        }
    }

    /**
     * Who gets the descriptor of the filter's questions: a socket of the host's, and what is sent along, with the process's
     * id between the parts.
     */
    record Listener(Path socket, List<String> state) implements Step {
        public Listener {
            state = List.copyOf(state);
        }

        @Override
        public String describe() {
            return "give the seccomp listener to " + socket;
        }
    }

    /** The label that the program gets at exec: {@code apparmor} or {@code selinux}. */
    record SecurityLabel(String module, String label) implements Step {
        @Override
        public String describe() {
            return "set the " + module + " label " + label;
        }
    }

    /** I/O scheduling class (1 to 3) and level, ioprio_set(2). */
    record IoPriority(int priorityClass, int level) implements Step {
        @Override
        public String describe() {
            return "set the I/O priority";
        }
    }

    /** sched_setattr(2); times in nanoseconds. */
    record Scheduler(int policy, int nice, int priority, long flags, long runtime, long deadline, long period)
            implements Step {
        @Override
        public String describe() {
            return "set the scheduler";
        }
    }

    /**
     * The process becomes somebody else's, who gave its standard streams, and the shim leaves when it is ready. A container
     * then waits at {@link HandedOver#SOCKET} for the word to start.
     *
     * @param kept descriptors from the request that the program has as 3, 4, ...
     * @param entered the namespaces that an exec enters; empty for a container
     */
    record HandOver(int kept, Set<Namespace> entered, boolean newKeyring) implements Step {
        public HandOver {
            entered = Set.copyOf(entered);
        }

        @Override
        public String describe() {
            return "hand the process over";
        }
    }

    /**
     * The program: the first of the candidate paths that exists and can be run. Always the last step. A relative candidate
     * counts from the working directory.
     */
    record Execute(List<String> candidates, List<String> argv, List<String> environment) implements Step {
        public Execute {
            candidates = List.copyOf(candidates);
            argv = List.copyOf(argv);
            environment = List.copyOf(environment);
            if (candidates.isEmpty() || argv.isEmpty()) {
                throw new IllegalArgumentException("a program needs a path and an argv[0]");
            }
        }

        @Override
        public String describe() {
            return "run " + argv.getFirst();
        }
    }
}
