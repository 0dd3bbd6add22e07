package io.flotilla.agent.image;

import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.TreeFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Gives a layer's undescribed directories what the layers below say of them. In an overlay the uppermost directory's owner and
 * mode count: without this {@code tmp/file} alone in a layer would make {@code /tmp} root's own.
 */
final class Inheritance {

    private final TreeFiles inodes = new TreeFiles();

    /** @param below the layers below, lowest first */
    void settle(Path tree, List<String> implied, List<Path> below) throws IOException {
        try (Fd root = Descriptors.open(tree.toString(), Descriptors.O_DIRECTORY, 0)) {
            // Innermost first: setting a directory's time is undone by nothing that follows.
            for (String path : implied.reversed()) {
                Optional<TreeFiles.Stat> inherited = inherited(path, below);
                if (inherited.isPresent()) {
                    give(root, path, inherited.get());
                }
            }
        }
    }

    private Optional<TreeFiles.Stat> inherited(String path, List<Path> below) throws IOException {
        for (Path lower : below.reversed()) {
            try (Fd root = Descriptors.open(lower.toString(), Descriptors.O_DIRECTORY, 0);
                    Fd directory = inodes.openDirectory(root, path)) {
                return Optional.of(inodes.stat(directory));
            } catch (KernelException e) {
                if (e.errno() != Errno.ENOENT) {
                    // Something else, or deleted: then the directory is new in this layer.
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private void give(Fd root, String path, TreeFiles.Stat stat) throws IOException {
        try (Fd directory = inodes.openDirectory(root, path)) {
            inodes.chown(directory, stat.uid(), stat.gid(), path);
            inodes.chmod(directory, stat.mode() & 07777, path);
            inodes.times(directory, stat.mtimeSeconds(), stat.mtimeNanos());
        } catch (KernelException e) {
            // A later member of the same archive may have replaced it.
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
                throw e;
            }
        }
    }
}
