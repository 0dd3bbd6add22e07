package io.flotilla.agent.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.flotilla.protocol.LogQuery;
import io.flotilla.protocol.LogRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {

    private static final String TIME = "2026-11-23T21:00:00.123456789Z";

    @TempDir
    Path dir;

    @Test
    void readsAcrossSegmentsAndAttempts() throws IOException {
        write(1, 1, "stdout F a", "stderr P b");
        write(1, 2, "stdout F c");
        write(2, 1, "stdout F d");
        List<LogRecord> records = read(query(null, null, null));
        assertThat(records).extracting(LogRecord::text).containsExactly("a", "b", "c", "d");
        assertThat(records).extracting(LogRecord::cursor).containsExactly("1.1.0", "1.1.42", "1.2.0", "2.1.0");
        assertThat(records.get(1).partial()).isTrue();
        assertThat(records.get(1).stream()).isEqualTo(LogRecord.Stream.STDERR);
    }

    @Test
    void returnsTheRecordOfACursorFirst() throws IOException {
        write(1, 1, "stdout F a", "stdout F b", "stdout F c");
        assertThat(read(query("1.1.42", null, null)))
                .extracting(LogRecord::text)
                .containsExactly("b", "c");
    }

    @Test
    void countsTheTailAcrossSegments() throws IOException {
        write(1, 1, "stdout F a", "stdout F b");
        write(1, 2, "stdout F c", "stdout F d");
        assertThat(read(query(null, 3, null))).extracting(LogRecord::text).containsExactly("b", "c", "d");
        assertThat(read(query(null, 2, null))).extracting(LogRecord::text).containsExactly("c", "d");
        assertThat(read(query(null, 99, null))).hasSize(4);
        assertThat(read(query(null, 0, null))).isEmpty();
    }

    @Test
    void readsOnlyTheWantedAttempt() throws IOException {
        write(1, 1, "stdout F a");
        write(2, 1, "stdout F b");
        assertThat(read(query(null, null, 2))).extracting(LogRecord::text).containsExactly("b");
    }

    @Test
    void saysWhatIsMissingWhenACursorHasExpired() throws IOException {
        write(1, 4, "stdout F late");
        List<LogRecord> records = read(query("1.2.17", null, null));
        assertThat(records)
                .extracting(LogRecord::stream)
                .containsExactly(LogRecord.Stream.GAP, LogRecord.Stream.STDOUT);
        assertThat(records.getFirst().gap()).contains("1.2.17");
        assertThat(records.getFirst().cursor()).isEqualTo("1.4.0");
    }

    @Test
    void showsDroppedOutputAsAGap() throws IOException {
        write(1, 1, "gap F 4711", "stdout F a");
        List<LogRecord> records = read(query(null, null, null));
        assertThat(records.getFirst().gap()).contains("4711");
    }

    @Test
    void skipsTornLines() throws IOException {
        write(1, 1, "stdout F a");
        Files.writeString(file(1, 1), "2026-11-2\n" + TIME + " stdout F b\n2026", StandardOpenOption.APPEND);
        write(1, 2, "stdout F c");
        assertThat(read(query(null, null, null))).extracting(LogRecord::text).containsExactly("a", "b", "c");
    }

    @Test
    void goesOnWhenMoreHasBeenWritten() throws IOException {
        try (LogReader reader = LogReader.open(dir, query(null, null, null))) {
            assertThat(reader.next()).isEmpty();
            write(1, 1, "stdout F a");
            assertThat(reader.next().orElseThrow().text()).isEqualTo("a");
            assertThat(reader.next()).isEmpty();
            Files.writeString(file(1, 1), TIME + " stdout F hal", StandardOpenOption.APPEND);
            assertThat(reader.next()).isEmpty();
            Files.writeString(file(1, 1), "f\n", StandardOpenOption.APPEND);
            LogRecord half = reader.next().orElseThrow();
            assertThat(half.text()).isEqualTo("half");
            assertThat(half.cursor()).isEqualTo("1.1.42");
            write(1, 2, "stdout F next");
            assertThat(reader.next().orElseThrow().text()).isEqualTo("next");
        }
    }

    @Test
    void readsLinesLongerThanItsBuffer() throws IOException {
        String text = "x".repeat(200_000);
        write(1, 1, "stdout F " + text, "stdout F b");
        assertThat(read(query(null, null, null))).extracting(LogRecord::text).containsExactly(text, "b");
    }

    @Test
    void refusesWhatIsNoCursor() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LogReader.open(dir, query("1.x.3", null, null)))
                .withMessageContaining("1.x.3");
    }

    private static LogQuery query(@Nullable String from, @Nullable Integer tail, @Nullable Integer attempt) {
        return new LogQuery(from, tail, attempt, false);
    }

    private List<LogRecord> read(LogQuery query) throws IOException {
        List<LogRecord> records = new ArrayList<>();
        try (LogReader reader = LogReader.open(dir, query)) {
            Optional<LogRecord> next = reader.next();
            while (next.isPresent()) {
                records.add(next.get());
                next = reader.next();
            }
        }
        return records;
    }

    private Path file(int attempt, int segment) {
        return dir.resolve(String.valueOf(attempt)).resolve("%08d.log".formatted(segment));
    }

    private void write(int attempt, int segment, String... lines) throws IOException {
        Files.createDirectories(dir.resolve(String.valueOf(attempt)));
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(TIME).append(' ').append(line).append('\n');
        }
        Files.writeString(file(attempt, segment), text);
    }
}
