package io.flotilla.agent.observe;

import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.MappedMount;
import io.flotilla.protocol.NodeFacts.Check;
import io.flotilla.protocol.NodeFacts.Check.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether images unpacked below the data directory can be the root of a container with ids of its own: by trying. */
final class FileSystemCheck {

    private static final String NAME = "file system";

    private FileSystemCheck() {}

    static Check of(Path data) throws IOException {
        String type = Files.getFileStore(data).type();
        Process holder;
        try {
            holder = new ProcessBuilder("unshare", "--user", "--map-root-user", "cat").start();
        } catch (IOException e) {
            return new Check(NAME, Result.WARNING, type + " could not be tried: " + e.getMessage(), null);
        }
        try {
            // It answers from inside, so the namespace has its map.
            holder.getOutputStream().write('\n');
            holder.getOutputStream().flush();
            if (holder.getInputStream().read() < 0) {
                String why = new String(holder.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                return new Check(NAME, Result.WARNING, type + " could not be tried: " + why.strip(), null);
            }
            MappedMount.attempt(data.toString(), holder.pid());
            return new Check(NAME, Result.OK, type + " below " + data + " maps ids", null);
        } catch (KernelException e) {
            return refused(type, data, e);
        } finally {
            holder.destroy();
        }
    }

    /** EINVAL is how a file system says that it cannot; anything else says that nobody may try. */
    static Check refused(String type, Path data, KernelException why) {
        return why.errno() == Errno.EINVAL
                ? new Check(
                        NAME,
                        Result.FAILED,
                        type + " below " + data + " cannot map ids on this kernel: no container can be started",
                        "put the data directory (--data) on ext4, xfs or btrfs")
                : new Check(NAME, Result.WARNING, type + " could not be tried: " + why.getMessage(), null);
    }
}
