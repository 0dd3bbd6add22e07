package io.flotilla.agent.engine.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the shim writes into the runtime directory before the container may run: which process it is, for ever.
 *
 * @param bootId the boot of the kernel that this is about; in another boot nothing of it runs any more
 * @param pid the container's first process, as the host sees it
 * @param startTime when that process started, in clock ticks since boot
 */
public record ShimRecord(String bootId, int pid, long startTime, int shimPid, long shimStartTime, Instant created) {

    private static final String RECORD = "record";
    private static final String EXIT = "exit";

    /** Reads the record of a container; empty when its shim never came so far as to write one. */
    public static Optional<ShimRecord> read(Path runtimeDirectory) throws IOException {
        Optional<Map<String, String>> fields = fields(runtimeDirectory.resolve(RECORD));
        return fields.map(values -> new ShimRecord(
                text(values, "boot"),
                (int) number(values, "pid"),
                number(values, "start"),
                (int) number(values, "shim"),
                number(values, "shimStart"),
                instant(number(values, "created"))));
    }

    /** Reads the exit record; empty while the container has not ended, or when its shim died before it. */
    public static Optional<Exit> readExit(Path runtimeDirectory) throws IOException {
        Optional<Map<String, String>> fields = fields(runtimeDirectory.resolve(EXIT));
        return fields.map(values -> new Exit(
                (int) number(values, "code"),
                (int) number(values, "signal"),
                instant(number(values, "started")),
                instant(number(values, "ended"))));
    }

    static Instant instant(long nanoseconds) {
        return Instant.ofEpochSecond(0, nanoseconds);
    }

    private static Optional<Map<String, String>> fields(Path file) throws IOException {
        String content;
        try {
            content = Files.readString(file);
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        for (String line : content.lines().toList()) {
            int blank = line.indexOf(' ');
            if (blank < 0) {
                throw new IOException(file + " has a line without a value: \"" + line + "\"");
            }
            values.put(line.substring(0, blank), line.substring(blank + 1));
        }
        if (!"1".equals(values.get("version"))) {
            throw new IOException(file + " is of version " + values.get("version") + ", this agent reads version 1");
        }
        return Optional.of(values);
    }

    private static String text(Map<String, String> values, String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("the shim's record has no " + key);
        }
        return value;
    }

    private static long number(Map<String, String> values, String key) {
        return Long.parseLong(text(values, key));
    }
}
