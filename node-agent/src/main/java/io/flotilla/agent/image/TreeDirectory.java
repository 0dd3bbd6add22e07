package io.flotilla.agent.image;

import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.TreeFiles;
import io.flotilla.protocol.archive.ArchiveException;
import io.flotilla.protocol.archive.TarEntry;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a tree that members are being put into, held open. Archives list a directory's members together, so one
 * suffices. Its time stamp is put back when another takes its place: no list of directories is needed, however many the
 * archive has.
 */
final class TreeDirectory implements AutoCloseable {

    private static final int MOST_IMPLIED = 10_000;

    private final TreeFiles inodes;
    private final Fd root;
    private final Set<String> implied = new LinkedHashSet<>();
    private @Nullable String path;
    private @Nullable Fd fd;
    private TreeFiles.@Nullable Stat before;

    TreeDirectory(TreeFiles inodes, Fd root) {
        this.inodes = inodes;
        this.root = root;
    }

    /** Opens a directory of the tree, making it and its parents if they are not there. */
    Fd enter(String wanted) throws java.io.IOException {
        Fd current = fd;
        if (current != null && wanted.equals(path)) {
            return current;
        }
        leave();
        Fd opened = open(wanted);
        fd = opened;
        path = wanted;
        before = inodes.stat(opened);
        return opened;
    }

    void leave() throws KernelException {
        Fd leaving = fd;
        TreeFiles.Stat stat = before;
        fd = null;
        path = null;
        before = null;
        if (leaving != null) {
            try (leaving) {
                if (stat != null) {
                    inodes.times(leaving, stat.mtimeSeconds(), stat.mtimeNanos());
                }
            }
        }
    }

    /** Opens an existing directory, for a look only. */
    Fd existing(String wanted) throws java.io.IOException {
        try {
            return inodes.openDirectory(root, wanted);
        } catch (KernelException e) {
            throw explained(e, wanted);
        }
    }

    private Fd open(String wanted) throws java.io.IOException {
        try {
            return inodes.openDirectory(root, wanted);
        } catch (KernelException e) {
            if (e.errno() != Errno.ENOENT || wanted.isEmpty()) {
                throw explained(e, wanted);
            }
        }
        int slash = wanted.lastIndexOf('/');
        try (Fd parent = open(slash < 0 ? "" : wanted.substring(0, slash))) {
            inodes.makeDirectory(parent, wanted.substring(slash + 1), 0755);
            inodes.chown(parent, wanted.substring(slash + 1), 0, 0);
            imply(wanted);
        } catch (KernelException e) {
            throw explained(e, wanted);
        }
        return existing(wanted);
    }

    private void imply(String made) throws ArchiveException {
        if (implied.add(made) && implied.size() > MOST_IMPLIED) {
            throw new ArchiveException(
                    "the archive has more than " + MOST_IMPLIED + " directories without a member of their own");
        }
    }

    /** A directory has got a member of its own, which says what it is like. */
    void declared(String path) {
        implied.remove(path);
    }

    /** Directories that members lie in without being members, parents first: the layers below say what they are like. */
    List<String> implied() {
        return List.copyOf(implied);
    }

    private static java.io.IOException explained(KernelException e, String wanted) {
        return switch (e.errno()) {
            case ENOENT, ENOTDIR, ELOOP, EEXIST, EXDEV ->
                new ArchiveException("the archive has a member below \"" + TarEntry.text(wanted)
                        + "\", which is no directory of the archive (" + e.errno() + ")");
            default -> e;
        };
    }

    @Override
    public void close() throws KernelException {
        leave();
    }
}
