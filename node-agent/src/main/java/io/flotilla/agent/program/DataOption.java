package io.flotilla.agent.program;

import io.flotilla.agent.AgentPaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Option;

/** The options that say where an agent keeps its things. */
final class DataOption {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "/var/lib/flotilla",
            description = "data directory (default: ${DEFAULT-VALUE})")
    private Path data = AgentPaths.DEFAULT_DATA;

    @Option(
            names = "--runtime",
            paramLabel = "DIR",
            defaultValue = "/run/flotilla",
            description = "parent of the runtime directory (default: ${DEFAULT-VALUE})")
    private Path runtime = AgentPaths.DEFAULT_RUNTIME_BASE;

    Path data() {
        return data.toAbsolutePath().normalize();
    }

    AgentPaths open() throws IOException {
        String fresh = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        return AgentPaths.open(data(), runtime.toAbsolutePath().normalize(), fresh);
    }
}
