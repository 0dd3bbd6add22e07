package io.flotilla.controlplane.audit;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Checks an export in JSON Lines, without a database or a running control plane. */
public final class ExportCheck {

    private ExportCheck() {}

    /**
     * Reads the export and checks it.
     *
     * @param export one entry a line, oldest first
     * @param heads the file of kept heads; without it a deleted tail cannot be noticed
     */
    public static Verdict verify(Path export, @Nullable Path heads) throws IOException {
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
        Verification verification = new Verification(heads == null ? new Heads() : Heads.read(heads));
        try (BufferedReader lines = Files.newBufferedReader(export, StandardCharsets.UTF_8)) {
            long number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    read(mapper, verification, number, line);
                }
            }
        }
        return verification.end(null);
    }

    private static void read(JsonMapper mapper, Verification verification, long number, String line) {
        try {
            verification.entry(mapper.readValue(line, AuditEntry.class));
        } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
            verification.unreadable(
                    number, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }
}
