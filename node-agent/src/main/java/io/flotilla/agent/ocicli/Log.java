package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Messages as callers read them: a line each, to a file or standard error. An error that goes to a file is said on standard error
 * as well, as plain text.
 */
record Log(@Nullable Path file, boolean json, PrintStream errors) {

    void error(String message) {
        boolean written = write("error", message);
        if (file != null || !written) {
            errors.println(message);
        }
    }

    void warning(String message) {
        write("warning", message);
    }

    private boolean write(String level, String message) {
        String line = line(level, message, Instant.now().truncatedTo(ChronoUnit.SECONDS));
        if (file == null) {
            errors.print(line);
            return true;
        }
        try {
            Files.writeString(file, line, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return true;
        } catch (IOException e) {
            return false; // what has to be said is said on standard error
        }
    }

    private String line(String level, String message, Instant time) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("level", level);
            fields.put("msg", message);
            fields.put("time", time.toString());
            return Json.write(fields, false) + "\n";
        }
        return "time=\"" + time + "\" level=" + level + " msg=" + Json.write(message, false) + "\n";
    }
}
