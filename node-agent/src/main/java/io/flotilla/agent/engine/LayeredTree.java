package io.flotilla.agent.engine;

import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.Inodes;
import io.flotilla.agent.kernel.KernelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads files of a container's root before there is one, from its layers, as overlayfs would show them: the topmost
 * layer wins, a whiteout (character device 0:0) ends the search, an opaque directory hides those below. What the layers
 * hold is hostile: every step is an openat2 below the layer's own directory, and links are followed by name within the
 * merged tree only.
 */
final class LayeredTree {

    private static final int MOST_LINKS = 40;
    private static final int TYPE_MASK = 0xF000;
    private static final int TYPE_LINK = 0xA000;
    private static final int TYPE_FILE = 0x8000;
    private static final int TYPE_DIRECTORY = 0x4000;
    private static final int TYPE_CHARACTER = 0x2000;
    private static final long RESOLVE =
            Descriptors.RESOLVE_BENEATH | Descriptors.RESOLVE_NO_SYMLINKS | Descriptors.RESOLVE_NO_MAGICLINKS;

    private final List<Path> layers;

    /** @param layers directories, the topmost first */
    LayeredTree(List<Path> layers) {
        this.layers = List.copyOf(layers);
    }

    /**
     * The content of a regular file.
     *
     * @param path absolute, inside the container
     * @param mostBytes a larger file is refused
     * @return null if there is no such regular file
     */
    byte @Nullable [] read(String path, int mostBytes) throws IOException {
        Deque<String> rest = new ArrayDeque<>(names(path));
        List<String> walked = new ArrayList<>();
        for (int links = 0; links < MOST_LINKS; ) {
            if (rest.isEmpty()) {
                return null; // a directory
            }
            String name = rest.pop();
            if (name.equals("..")) {
                if (!walked.isEmpty()) {
                    walked.removeLast();
                }
                continue;
            }
            walked.add(name);
            try (Fd found = find(walked)) {
                int type = found == null ? 0 : type(found);
                int wanted = rest.isEmpty() ? TYPE_FILE : TYPE_DIRECTORY;
                if (found == null || (type != wanted && type != TYPE_LINK)) {
                    return null;
                }
                if (type == TYPE_LINK) {
                    links++;
                    walked.removeLast();
                    String target = Inodes.readLink(found);
                    if (target.startsWith("/")) {
                        walked.clear();
                    }
                    names(target).reversed().forEach(rest::push);
                } else if (rest.isEmpty()) {
                    return content(found, path, mostBytes);
                }
            }
        }
        return null;
    }

    private static List<String> names(String path) {
        List<String> names = new ArrayList<>();
        for (String name : path.split("/", -1)) {
            if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return names;
    }

    /** The topmost layer's inode for a path whose parents are directories of the merged tree; null if it is hidden or absent. */
    private @Nullable Fd find(List<String> path) throws IOException {
        for (Path layer : layers) {
            try (Fd root = Descriptors.open(layer.toString(), Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0)) {
                for (int depth = 1; depth < path.size(); depth++) {
                    try (Fd parent = open(root, path.subList(0, depth))) {
                        if (parent != null && isWhiteout(parent)) {
                            return null;
                        }
                    }
                }
                Fd found = open(root, path);
                if (found != null) {
                    if (isWhiteout(found)) {
                        found.close();
                        return null;
                    }
                    return found;
                }
                if (isHidden(root, path)) {
                    return null;
                }
            }
        }
        return null;
    }

    /** Whether a parent in this layer is opaque, so that the layers below do not count. */
    private static boolean isHidden(Fd root, List<String> path) throws IOException {
        for (int depth = 1; depth < path.size(); depth++) {
            try (Fd parent = open(root, path.subList(0, depth))) {
                if (parent != null && Inodes.hasAttribute(parent, "trusted.overlay.opaque", "y")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static @Nullable Fd open(Fd root, List<String> path) throws IOException {
        try {
            return Descriptors.openBelow(
                    root, String.join("/", path), Descriptors.O_PATH | Descriptors.O_NOFOLLOW, 0, RESOLVE);
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                return null; // ELOOP: a parent is a link in this layer, but a directory in one above
            }
            throw e;
        }
    }

    private static int type(Fd fd) throws IOException {
        return (int) attribute(fd, "mode") & TYPE_MASK;
    }

    private static boolean isWhiteout(Fd fd) throws IOException {
        return type(fd) == TYPE_CHARACTER && attribute(fd, "rdev") == 0;
    }

    private static long attribute(Fd fd, String name) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(Path.of(fd.path()), "unix:" + name);
        return attributes.get(name) instanceof Number number ? number.longValue() : 0;
    }

    private static byte[] content(Fd file, String path, int mostBytes) throws IOException {
        Path opened = Path.of(file.path());
        if (Files.size(opened) > mostBytes) {
            throw new IOException(path + " of the image is larger than " + mostBytes + " bytes");
        }
        return Files.readAllBytes(opened);
    }
}
