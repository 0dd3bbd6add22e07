package io.flotilla.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class AuditVerifyTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n"})
    void anExportWithoutEntriesProvesNothing(String content) throws IOException {
        Path export = Files.writeString(directory.resolve("audit.jsonl"), content);
        StringWriter said = new StringWriter();
        int code = new CommandLine(new AuditVerify())
                .setOut(new PrintWriter(said, true))
                .execute(export.toString());
        assertThat(code).isOne();
        assertThat(said.toString()).startsWith("NOT ok: " + export + " holds no entries");
    }
}
