package io.flotilla.agent.cgroup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A group's directory and those below it. A group is a directory; its files go with it. */
final class GroupTree {

    private static final long FIRST_PAUSE_NANOS = 50_000;
    private static final long LAST_PAUSE_NANOS = 5_000_000;

    private GroupTree() {}

    static void make(Path group) {
        try {
            Files.createDirectories(group);
        } catch (IOException e) {
            throw new CgroupException("mkdir", group, e);
        }
    }

    /** Groups directly below, empty if the directory is gone. */
    static List<Path> children(Path group) {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(group, Files::isDirectory)) {
            entries.forEach(children::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw new CgroupException("list", group, e);
        } catch (java.nio.file.DirectoryIteratorException | UncheckedIOException e) {
            return children; // the directory was removed while it was read
        }
        return children;
    }

    /** Pids of the group and of all below; a group that vanishes meanwhile has none. */
    static List<Long> processes(Path group) {
        List<Long> pids = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(group.resolve("cgroup.procs"))) {
                pids.add(Long.parseLong(line));
            }
        } catch (NoSuchFileException e) {
            return pids;
        } catch (IOException e) {
            // ENODEV: removed between open and read; EOPNOTSUPP: a threaded group, whose root lists its processes.
            if (!Files.exists(group) || CgroupException.reason(e).contains("not supported")) {
                return pids;
            }
            throw new CgroupException("read", group.resolve("cgroup.procs"), e);
        }
        for (Path child : children(group)) {
            pids.addAll(processes(child));
        }
        return pids;
    }

    /** Removes the group and those below it; false if the kernel says that it is still in use. */
    static boolean remove(Path group) {
        // Most have nothing below, and listing one costs more than removing it.
        if (removeOne(group)) {
            return true;
        }
        boolean all = true;
        for (Path child : children(group)) {
            all &= remove(child);
        }
        return all && removeOne(group);
    }

    private static boolean removeOne(Path group) {
        try {
            Files.deleteIfExists(group);
            return true;
        } catch (IOException e) {
            if (CgroupException.reason(e).contains("busy") || e instanceof java.nio.file.DirectoryNotEmptyException) {
                return false;
            }
            throw new CgroupException("rmdir", group, e);
        }
    }

    /** Polls, since v1 has no notification for any of the conditions; false at the deadline. */
    static boolean await(Duration deadline, BooleanSupplier condition) {
        long end = System.nanoTime() + deadline.toNanos();
        long pause = FIRST_PAUSE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(LAST_PAUSE_NANOS, pause * 2);
        }
        return true;
    }
}
