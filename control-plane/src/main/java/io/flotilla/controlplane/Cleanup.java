package io.flotilla.controlplane;

import io.flotilla.controlplane.database.Leftover;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Stops what a killed control plane left running. */
@Command(name = "cleanup", description = "Stops the embedded PostgreSQL that a killed control plane left running.")
final class Cleanup implements Callable<Integer> {

    @Option(names = "--data", description = "data directory (default: ${DEFAULT-VALUE})")
    private Path data = Settings.DEFAULT_DATA;

    @Override
    public Integer call() throws IOException {
        if (Leftover.stop(data.toAbsolutePath())) {
            System.out.println("stopped the embedded PostgreSQL");
        }
        return 0;
    }
}
