package io.flotilla.agent.image;

import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.TreeFiles;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.archive.ArchiveException;
import io.flotilla.protocol.archive.TarEntry;
import io.flotilla.protocol.archive.TarEntry.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Carries out a layer's members in a directory tree (OCI image specification, layer.md). Nothing outside the tree is
 * touched whatever the names say: directories are opened with openat2(2) and the tree as root, everything else is done in an
 * open directory by a name without slashes.
 */
final class TreeWriter implements AutoCloseable {

    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final String OVERLAY_OPAQUE = "trusted.overlay.opaque";
    private static final byte[] YES = {'y'};

    private final TreeFiles inodes = new TreeFiles();
    private final Fd root;
    private final Fd replaced;
    private final TreeDirectory directory;
    private final Space space;
    private final byte[] buffer = new byte[64 << 10];
    private long replacedCount;
    private long omitted;
    private boolean rootDeclared;

    /**
     * @param tree an empty directory
     * @param replaced an empty directory of the same file system, for trees that a later member replaces
     */
    TreeWriter(Path tree, Path replaced, Space space) throws KernelException {
        this.root = Descriptors.open(tree.toString(), Descriptors.O_DIRECTORY, 0);
        this.replaced = Descriptors.open(replaced.toString(), Descriptors.O_DIRECTORY, 0);
        this.directory = new TreeDirectory(inodes, root);
        this.space = space;
    }

    /** Members that were left out: device nodes that no container gets, and attributes that are not an image's to set. */
    long omitted() {
        return omitted;
    }

    /** See {@link TreeDirectory#implied}; the root itself is the empty path. */
    List<String> implied() {
        List<String> implied = new ArrayList<>(directory.implied());
        if (!rootDeclared) {
            implied.addFirst("");
        }
        return implied;
    }

    void put(TarEntry entry, InputStream content) throws IOException {
        MemberName name = MemberName.of(entry.name());
        if (name.isRoot()) {
            if (entry.kind() == Kind.DIRECTORY) {
                directory.leave();
                dress(root, entry);
                rootDeclared = true;
            }
            return;
        }
        if (entry.kind() == Kind.DIRECTORY) {
            directory.declared(name.parent().isEmpty() ? name.last() : name.parent() + "/" + name.last());
        }
        Fd parent = directory.enter(name.parent());
        try {
            if (name.last().startsWith(WHITEOUT)) {
                whiteOut(parent, name.last());
            } else {
                put(parent, name.last(), entry, content);
            }
        } catch (KernelException e) {
            throw e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT
                    ? new DiskFullException("disk full while unpacking \"" + entry.shown() + "\"", e)
                    : e;
        }
    }

    private void put(Fd parent, String name, TarEntry entry, InputStream content) throws IOException {
        boolean wasWhiteout = makeRoom(parent, name, entry.kind() == Kind.DIRECTORY);
        switch (entry.kind()) {
            case DIRECTORY -> directory(parent, name, entry, wasWhiteout);
            case FILE -> file(parent, name, entry, content);
            case HARD_LINK -> hardLink(parent, name, entry);
            case SYMBOLIC_LINK -> {
                inodes.makeSymbolicLink(parent, name, entry.link());
                dressByName(parent, name, entry);
            }
            case FIFO -> {
                inodes.makeNode(parent, name, TreeFiles.FIFO | 0600, 0, 0);
                dressByName(parent, name, entry);
            }
            case CHARACTER_DEVICE, BLOCK_DEVICE -> device(parent, name, entry);
        }
    }

    /**
     * Takes away what is there under this name, except a directory that a directory is put over.
     *
     * @return whether it was a whiteout
     */
    private boolean makeRoom(Fd parent, String name, boolean forDirectory) throws KernelException {
        Optional<TreeFiles.Stat> there = inodes.stat(parent, name);
        if (there.isEmpty() || (there.get().isDirectory() && forDirectory)) {
            return false;
        }
        if (there.get().isDirectory()) {
            inodes.rename(parent, name, replaced, Long.toString(replacedCount++));
        } else {
            inodes.unlink(parent, name);
        }
        return there.get().isWhiteout();
    }

    private void directory(Fd parent, String name, TarEntry entry, boolean opaque) throws IOException {
        if (inodes.stat(parent, name).isEmpty()) {
            inodes.makeDirectory(parent, name, 0700);
        }
        try (Fd made = inodes.openDirectory(parent, name)) {
            dress(made, entry);
            if (opaque) {
                inodes.setAttribute(made, OVERLAY_OPAQUE, YES, name);
            }
        }
    }

    private void file(Fd parent, String name, TarEntry entry, InputStream content) throws IOException {
        try (Fd file = inodes.createFile(parent, name)) {
            int count;
            while ((count = content.readNBytes(buffer, 0, buffer.length)) > 0) {
                space.use(count);
                inodes.write(file, buffer, count, entry.shown());
            }
            space.use(0);
            dress(file, entry);
        }
    }

    private void hardLink(Fd parent, String name, TarEntry entry) throws IOException {
        MemberName target = MemberName.of(entry.link());
        try (Fd from = directory.existing(target.parent())) {
            inodes.makeHardLink(from, target.last(), parent, name);
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.EPERM) {
                throw new ArchiveException("archive member \"" + entry.shown() + "\" is a hard link to \""
                        + TarEntry.text(entry.link()) + "\", which is no file of the same layer");
            }
            throw e;
        }
    }

    /** Only nodes that every container has anyway; a 0/0 node would act as a whiteout, others would be the host's. */
    private void device(Fd parent, String name, TarEntry entry) throws KernelException {
        int major = entry.deviceMajor();
        int minor = entry.deviceMinor();
        boolean memory = major == 1 && (minor == 3 || minor == 5 || minor == 7 || minor == 8 || minor == 9);
        boolean terminal = major == 5 && (minor == 0 || minor == 2);
        if (entry.kind() != Kind.CHARACTER_DEVICE || !(memory || terminal)) {
            omitted++;
            return;
        }
        inodes.makeNode(parent, name, TreeFiles.CHARACTER_DEVICE | 0600, major, minor);
        dressByName(parent, name, entry);
    }

    /** "Deleted from the layers below": what this layer itself has put there stays. */
    private void whiteOut(Fd parent, String name) throws KernelException {
        if (name.equals(OPAQUE)) {
            inodes.setAttribute(parent, OVERLAY_OPAQUE, YES, name);
            return;
        }
        String hidden = name.substring(WHITEOUT.length());
        if (hidden.isEmpty() || hidden.startsWith(WHITEOUT) || hidden.equals(".") || hidden.equals("..")) {
            omitted++;
            return;
        }
        Optional<TreeFiles.Stat> there = inodes.stat(parent, hidden);
        if (there.isEmpty()) {
            inodes.makeNode(parent, hidden, TreeFiles.CHARACTER_DEVICE, 0, 0);
        } else if (there.get().isDirectory()) {
            try (Fd kept = inodes.openDirectory(parent, hidden)) {
                inodes.setAttribute(kept, OVERLAY_OPAQUE, YES, hidden);
            }
        }
    }

    private void dress(Fd fd, TarEntry entry) throws KernelException {
        inodes.chown(fd, entry.uid(), entry.gid(), entry.shown());
        inodes.chmod(fd, entry.mode(), entry.shown());
        for (Map.Entry<String, Bytes> attribute : entry.xattrs().entrySet()) {
            if (isAllowed(attribute.getKey())) {
                try {
                    inodes.setAttribute(
                            fd, attribute.getKey(), attribute.getValue().array(), entry.shown());
                } catch (KernelException e) {
                    tolerate(e);
                }
            }
        }
        inodes.times(fd, entry.mtimeSeconds(), entry.mtimeNanos());
    }

    /** A symbolic link or node, which cannot be opened; its mode is set or has no meaning. */
    private void dressByName(Fd parent, String name, TarEntry entry) throws KernelException {
        inodes.chown(parent, name, entry.uid(), entry.gid());
        if (entry.kind() == Kind.FIFO || entry.kind() == Kind.CHARACTER_DEVICE) {
            inodes.chmod(parent, name, entry.mode());
        }
        for (Map.Entry<String, Bytes> attribute : entry.xattrs().entrySet()) {
            if (isAllowed(attribute.getKey())) {
                try {
                    inodes.setAttribute(
                            parent,
                            name,
                            attribute.getKey(),
                            attribute.getValue().array());
                } catch (KernelException e) {
                    tolerate(e);
                }
            }
        }
        inodes.times(parent, name, entry.mtimeSeconds(), entry.mtimeNanos());
    }

    /** Overlayfs believes its own attributes, and labels are the host's policy: neither is an image's to set. */
    private boolean isAllowed(String attribute) {
        boolean allowed = attribute.equals("security.capability")
                || attribute.startsWith("system.posix_acl_")
                || (attribute.startsWith("user.") && !attribute.startsWith("user.overlay."));
        if (!allowed) {
            omitted++;
        }
        return allowed;
    }

    /** Not every file system stores every attribute, and user attributes exist on files and directories only. */
    private void tolerate(KernelException e) throws KernelException {
        if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.EPERM && e.errno() != Errno.EINVAL) {
            throw e;
        }
        omitted++;
    }

    /** Whether the tree hides everything below it; overlayfs does not heed the attribute on a layer's own root. */
    boolean hidesAllBelow() throws KernelException {
        return inodes.attribute(root, OVERLAY_OPAQUE).isPresent();
    }

    @Override
    public void close() throws KernelException {
        try (root;
                replaced) {
            directory.close();
        }
    }
}
