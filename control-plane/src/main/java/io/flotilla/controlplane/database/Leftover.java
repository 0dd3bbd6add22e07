package io.flotilla.controlplane.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An embedded server that outlived its control plane. */
public final class Leftover {

    private Leftover() {}

    /**
     * Stops the server of this data directory if one runs. Returns whether one did.
     *
     * @param data the data directory
     */
    public static boolean stop(Path data) throws IOException {
        Path server = data.resolve("pg");
        Path directory = server.resolve("data");
        if (!Files.isDirectory(directory)) {
            return false;
        }
        var running = Postmaster.in(directory);
        if (running.isEmpty()) {
            return false;
        }
        Path programs = running.get().executable().getParent();
        if (programs == null) {
            throw new IOException("no programs beside " + running.get().executable());
        }
        Commands.run(
                ServerAccount.ofThisProcess()
                        .command(java.util.List.of(
                                programs.resolve("pg_ctl").toString(),
                                "stop",
                                "-D",
                                directory.toString(),
                                "-m",
                                "fast",
                                "-w")),
                server);
        return true;
    }
}
