package io.flotilla.controlplane.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The main process of a running PostgreSQL as its {@code postmaster.pid} tells (one fact a line: pid, data directory,
 * start time, port, socket directory, address, shared memory, status). Right after a launch the last lines are missing.
 */
record Postmaster(ProcessHandle process, Path executable, int port) {

    private static final int PORT_LINE = 3;
    private static final int STATUS_LINE = 7;

    /** The server of this data directory, if its process is alive and not a stranger that got its id. */
    static Optional<Postmaster> in(Path data) throws IOException {
        List<String> lines = lines(data);
        if (lines.size() <= PORT_LINE) {
            return Optional.empty();
        }
        long pid = Long.parseLong(lines.getFirst().strip());
        int port = Integer.parseInt(lines.get(PORT_LINE).strip());
        return ProcessHandle.of(pid)
                .flatMap(process -> executable(process, data).map(program -> new Postmaster(process, program, port)));
    }

    /** Every process of a PostgreSQL that is at work in the data directory, also without a main process. */
    static List<ProcessHandle> at(Path data) {
        return ProcessHandle.allProcesses()
                .filter(process -> executable(process, data).isPresent())
                .toList();
    }

    static boolean ready(Path data) throws IOException {
        List<String> lines = lines(data);
        return lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
    }

    /** Empty unless the process is a PostgreSQL server at work in the data directory. */
    private static Optional<Path> executable(ProcessHandle process, Path data) {
        Path facts = Path.of("/proc", Long.toString(process.pid()));
        try {
            Path program = Files.readSymbolicLink(facts.resolve("exe"));
            Path place = Files.readSymbolicLink(facts.resolve("cwd"));
            boolean server = program.endsWith("postgres") && place.equals(data.toRealPath());
            return server ? Optional.of(program) : Optional.empty();
        } catch (IOException e) {
            // It ended, or is someone else's: either way not the server that is looked for.
            return Optional.empty();
        }
    }

    private static List<String> lines(Path data) throws IOException {
        try {
            return Files.readAllLines(data.resolve("postmaster.pid"));
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }
}
