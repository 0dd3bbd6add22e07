package io.flotilla.controlplane.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;

/**
 * Under which account the embedded server runs. PostgreSQL refuses to run as root; then a fixed numeric id is used that
 * no system hands out (systemd's list of ids leaves 60706 to 61183 free) and that needs no entry in /etc/passwd.
 */
record ServerAccount(boolean switched, int uid) {

    private static final int DEDICATED_UID = 60900;

    static ServerAccount ofThisProcess() {
        try {
            int own = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            return own == 0 ? new ServerAccount(true, DEDICATED_UID) : new ServerAccount(false, own);
        } catch (IOException e) {
            throw new UncheckedIOException("read the owner of /proc/self", e);
        }
    }

    /** The command line that runs the program under this account. */
    List<String> command(List<String> program) {
        List<String> command = new ArrayList<>();
        if (switched) {
            command.addAll(List.of("setpriv", "--reuid", "" + uid, "--regid", "" + uid, "--clear-groups"));
            command.addAll(List.of("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"));
        }
        command.addAll(program);
        return command;
    }

    /**
     * As {@link #command}, for initdb: it insists on a name for its user id, so it is given a passwd file of its own,
     * seen in its own mount namespace only.
     */
    List<String> commandWithName(List<String> program, Path passwd) throws IOException {
        if (!switched) {
            return program;
        }
        Files.writeString(
                passwd,
                "root:x:0:0:root:/root:/bin/sh\nflotilla-postgres:x:%d:%d::/nonexistent:/usr/sbin/nologin\n"
                        .formatted(uid, uid));
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
        command.addAll(List.of("sh", "-c", "mount --bind \"$0\" /etc/passwd && exec \"$@\"", passwd.toString()));
        command.addAll(command(program));
        return command;
    }

    /** Gives the file or directory to this account. */
    void own(Path path) throws IOException {
        if (switched) {
            Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** Fails with a sentence if this account cannot walk down to the directory. */
    void requireReach(Path directory) throws IOException {
        if (!switched) {
            return;
        }
        for (Path step = directory.toRealPath().getParent(); step != null; step = step.getParent()) {
            if (!Files.getPosixFilePermissions(step).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                throw new IOException("PostgreSQL runs as uid " + uid + " and cannot pass " + step + " on the way to "
                        + directory + "; choose another --data, or chmod o+x " + step);
            }
        }
    }
}
