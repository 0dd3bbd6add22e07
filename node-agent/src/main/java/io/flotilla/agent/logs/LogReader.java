package io.flotilla.agent.logs;

import io.flotilla.protocol.LogQuery;
import io.flotilla.protocol.LogRecord;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads an allocation's log records in order, across segments and attempts. At the end of what has been written it
 * answers empty, and goes on when more has come. For one thread.
 */
public final class LogReader implements AutoCloseable {

    private static final int LONGEST_LINE = 1 << 20;

    private final LogFiles files;
    private Cursor position;
    private @Nullable RandomAccessFile open;
    private byte[] buffer = new byte[64 << 10];
    private int start;
    private int end;
    private @Nullable Instant lastTime;

    private LogReader(LogFiles files, Cursor position) {
        this.files = files;
        this.position = position;
    }

    /**
     * Finds the first wanted record.
     *
     * @param directory the allocation's, with a directory for each attempt; it may not exist yet
     * @throws IllegalArgumentException when the query's cursor is none
     */
    public static LogReader open(Path directory, LogQuery query) throws IOException {
        LogFiles files = new LogFiles(directory, query.attempt());
        if (query.from() != null) {
            return new LogReader(files, Cursor.parse(query.from()));
        }
        if (query.tail() != null) {
            return new LogReader(files, files.tail(Math.max(0, query.tail())));
        }
        List<Cursor> segments = files.segments();
        return new LogReader(files, segments.isEmpty() ? new Cursor(1, 1, 0) : segments.getFirst());
    }

    /** The next record; empty at the end of what has been written so far. */
    public Optional<LogRecord> next() throws IOException {
        while (true) {
            if (open == null) {
                Optional<LogRecord> gap = openHere();
                if (open == null || gap.isPresent()) {
                    return gap;
                }
            }
            Cursor begin = position;
            String line = line();
            if (line == null) {
                if (!advance()) {
                    return Optional.empty();
                }
            } else {
                Optional<LogRecord> record = parse(line, begin);
                if (record.isPresent()) {
                    return record;
                }
            }
        }
    }

    /** Opens the segment of the position, or the next there is, with a gap record when something is missing between. */
    private Optional<LogRecord> openHere() throws IOException {
        List<Cursor> segments = files.segments();
        Cursor wanted = new Cursor(position.attempt(), position.segment(), 0);
        Cursor found = segments.stream()
                .filter(segment -> segment.compareTo(wanted) >= 0)
                .findFirst()
                .orElse(null);
        if (found == null) {
            return Optional.empty();
        }
        boolean expired = !found.equals(wanted)
                && (found.attempt() == wanted.attempt() ? found.segment() > wanted.segment() : found.segment() > 1);
        Cursor before = position;
        position = found.equals(wanted) ? position : found;
        try {
            RandomAccessFile file = new RandomAccessFile(
                    files.file(position.attempt(), position.segment()).toFile(), "r");
            file.seek(Math.min(position.offset(), file.length()));
            open = file;
            start = 0;
            end = 0;
        } catch (FileNotFoundException e) {
            // It expired between listing and opening; the next call finds its successor.
            return Optional.empty();
        }
        return expired
                ? Optional.of(gap(position, "records from " + before + " on were removed to make room"))
                : Optional.empty();
    }

    private LogRecord gap(Cursor cursor, String why) {
        Instant time = lastTime == null ? Instant.EPOCH : lastTime;
        return new LogRecord(time, LogRecord.Stream.GAP, false, "", cursor.toString(), why);
    }

    /** The next whole line without its end; null when there is none yet. */
    private @Nullable String line() throws IOException {
        RandomAccessFile file = open;
        if (file == null) {
            return null;
        }
        int scanned = start;
        while (true) {
            for (int i = scanned; i < end; i++) {
                if (buffer[i] == '\n') {
                    String line = new String(buffer, start, i - start, StandardCharsets.UTF_8);
                    moveTo(position.offset() + (i + 1 - start));
                    start = i + 1;
                    return line;
                }
            }
            scanned = end - start;
            makeRoom();
            int count = file.read(buffer, end, buffer.length - end);
            if (count <= 0) {
                return null;
            }
            end += count;
        }
    }

    private void moveTo(long offset) {
        position = new Cursor(position.attempt(), position.segment(), offset);
    }

    private void makeRoom() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        if (end == buffer.length) {
            if (buffer.length >= LONGEST_LINE) {
                throw new IOException(
                        "log segment at " + position + " has a line of more than " + LONGEST_LINE + " bytes");
            }
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
    }

    /** Goes on to the segment after this one if there is one; what this one ends with is a torn line then. */
    private boolean advance() throws IOException {
        Cursor here = new Cursor(position.attempt(), position.segment(), Long.MAX_VALUE);
        boolean newer = files.segments().stream().anyMatch(segment -> segment.compareTo(here) > 0);
        RandomAccessFile file = open;
        if (!newer || file == null) {
            return false;
        }
        if (file.getFilePointer() < file.length()) {
            return true;
        }
        file.close();
        open = null;
        position = new Cursor(position.attempt(), position.segment() + 1, 0);
        return true;
    }

    private Optional<LogRecord> parse(String line, Cursor cursor) {
        String[] parts = line.split(" ", 4);
        if (parts.length < 4) {
            return Optional.empty();
        }
        try {
            Instant time = Instant.parse(parts[0]);
            lastTime = time;
            boolean partial = parts[2].equals("P");
            return switch (parts[1]) {
                case "stdout" ->
                    Optional.of(
                            new LogRecord(time, LogRecord.Stream.STDOUT, partial, parts[3], cursor.toString(), null));
                case "stderr" ->
                    Optional.of(
                            new LogRecord(time, LogRecord.Stream.STDERR, partial, parts[3], cursor.toString(), null));
                case "gap" ->
                    Optional.of(new LogRecord(
                            time,
                            LogRecord.Stream.GAP,
                            false,
                            "",
                            cursor.toString(),
                            parts[3] + " bytes of output could not be stored"));
                default -> Optional.empty();
            };
        } catch (DateTimeException e) {
            // A line that a full disk or a power cut has torn.
            return Optional.empty();
        }
    }

    @Override
    public void close() throws IOException {
        if (open != null) {
            open.close();
        }
    }
}
