package io.flotilla.agent.logs;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The segments of one allocation: a directory for each attempt, in it {@code 00000001.log} and so on. */
final class LogFiles {

    private static final int CHUNK = 64 << 10;

    private final Path directory;
    private final @Nullable Integer onlyAttempt;

    LogFiles(Path directory, @Nullable Integer onlyAttempt) {
        this.directory = directory;
        this.onlyAttempt = onlyAttempt;
    }

    Path file(int attempt, int segment) {
        return directory.resolve(String.valueOf(attempt)).resolve("%08d.log".formatted(segment));
    }

    /** The starts of all segments, oldest first. */
    List<Cursor> segments() throws IOException {
        List<Cursor> found = new ArrayList<>();
        for (String name : names(directory)) {
            if (!name.matches("[0-9]{1,9}")) {
                continue;
            }
            int attempt = Integer.parseInt(name);
            if (onlyAttempt != null && onlyAttempt != attempt) {
                continue;
            }
            for (String file : names(directory.resolve(name))) {
                if (file.matches("[0-9]{8}\\.log")) {
                    found.add(new Cursor(attempt, Integer.parseInt(file.substring(0, 8)), 0));
                }
            }
        }
        Collections.sort(found);
        return found;
    }

    private static List<String> names(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        return names;
    }

    /** Where the last so many records begin. */
    Cursor tail(int records) throws IOException {
        List<Cursor> segments = segments();
        int missing = records;
        for (Cursor segment : segments.reversed()) {
            Tail tail = tail(segment, missing);
            if (tail.missing() == 0) {
                return tail.cursor();
            }
            missing = tail.missing();
        }
        return segments.isEmpty() ? new Cursor(onlyAttempt == null ? 1 : onlyAttempt, 1, 0) : segments.getFirst();
    }

    private record Tail(Cursor cursor, int missing) {}

    /** Counts line ends from the segment's end backwards. */
    private Tail tail(Cursor segment, int wanted) throws IOException {
        int missing = wanted;
        try (RandomAccessFile file =
                new RandomAccessFile(file(segment.attempt(), segment.segment()).toFile(), "r")) {
            long end = file.length();
            if (missing == 0) {
                return new Tail(new Cursor(segment.attempt(), segment.segment(), end), 0);
            }
            byte[] chunk = new byte[CHUNK];
            for (long stop = end; stop > 0; stop -= CHUNK) {
                long start = Math.max(0, stop - CHUNK);
                int length = (int) (stop - start);
                file.seek(start);
                file.readFully(chunk, 0, length);
                for (int i = length - 1; i >= 0; i--) {
                    long after = start + i + 1;
                    if (chunk[i] == '\n' && after != end && --missing == 0) {
                        return new Tail(new Cursor(segment.attempt(), segment.segment(), after), 0);
                    }
                }
            }
            if (end > 0) {
                missing--;
            }
            return new Tail(segment, missing);
        } catch (java.io.FileNotFoundException e) {
            return new Tail(segment, missing);
        }
    }
}
