package io.flotilla.controlplane.ui.logs;

import io.flotilla.protocol.LogRecord;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns log records into chunks of HTML text. What a container writes is shown, never obeyed: control characters become
 * visible words.
 */
final class LogText {

    static final int CHUNK = 500;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Pattern LEVEL = Pattern.compile("\\b(?:(WARN(?:ING)?)|(ERROR|FATAL|SEVERE|PANIC))\\b");
    private static final Pattern CONTROL =
            Pattern.compile("\\x1b(?:\\[[0-9;?]*[ -/]*[@-~])?|[\\x00-\\x08\\x0b-\\x1f\\x7f]");

    private final @Nullable Pattern query;
    private final boolean onlyHits;
    private final @Nullable String linked;
    private final List<LogChunk> chunks = new ArrayList<>();
    private final StringBuilder html = new StringBuilder();
    private final StringBuilder cursors = new StringBuilder();
    private List<String> gaps = new ArrayList<>();
    private String first = "";
    private String start = "";
    private int inChunk;
    private int lines;
    private int hits;

    /**
     * @param query marked where it occurs, without regard to case; empty marks nothing
     * @param onlyHits leaves out lines without a hit
     * @param linked cursor of the line to point out
     */
    LogText(String query, boolean onlyHits, @Nullable String linked) {
        this.query = query.isEmpty() ? null : Pattern.compile(Pattern.quote(query), Pattern.CASE_INSENSITIVE);
        this.onlyHits = onlyHits && this.query != null;
        this.linked = linked;
    }

    void add(LogRecord record) {
        if (record.stream() == LogRecord.Stream.GAP) {
            flush();
            gaps.add(record.gap() == null ? "Records are missing here." : record.gap());
            return;
        }
        String text = record.text().stripTrailing();
        int found = count(text);
        if (onlyHits && found == 0) {
            return;
        }
        hits += found;
        if (inChunk == 0) {
            first = CLOCK.format(record.time());
            start = record.cursor();
        }
        line(record, text);
        inChunk++;
        lines++;
        if (inChunk >= CHUNK) {
            flush();
        }
    }

    /** All chunks so far; the text goes on in a new one. */
    List<LogChunk> chunks() {
        flush();
        return List.copyOf(chunks);
    }

    int lines() {
        return lines;
    }

    int hits() {
        return hits;
    }

    private void flush() {
        if (inChunk == 0 && gaps.isEmpty()) {
            return;
        }
        chunks.add(new LogChunk(
                "c" + start.replace('.', '-') + "-" + chunks.size(), first, html.toString(), cursors.toString(), gaps));
        html.setLength(0);
        cursors.setLength(0);
        gaps = new ArrayList<>();
        inChunk = 0;
    }

    private void line(LogRecord record, String text) {
        if (!html.isEmpty()) {
            html.append('\n');
            cursors.append(' ');
        }
        cursors.append(record.cursor());
        boolean pointed = record.cursor().equals(linked);
        if (pointed) {
            html.append("<mark class=\"line\" id=\"linked\">");
        }
        html.append(TIME.format(record.time()))
                .append(record.stream() == LogRecord.Stream.STDERR ? " <b class=\"err\">err</b> " : "     ");
        marked(text);
        if (pointed) {
            html.append("</mark>");
        }
    }

    private int count(String text) {
        return query == null ? 0 : (int) query.matcher(text).results().count();
    }

    /** Hits first; levels and control characters only between them, so that no two marks cross. */
    private void marked(String text) {
        if (query == null) {
            plain(text);
            return;
        }
        Matcher matcher = query.matcher(text);
        int from = 0;
        while (matcher.find()) {
            plain(text.substring(from, matcher.start()));
            html.append("<mark>");
            escape(matcher.group());
            html.append("</mark>");
            from = matcher.end();
        }
        plain(text.substring(from));
    }

    private void plain(String text) {
        Matcher level = LEVEL.matcher(text);
        if (level.find() && level.start() < 80) {
            escape(text.substring(0, level.start()));
            html.append("<b class=\"")
                    .append(level.group(1) != null ? "lv-warn" : "lv-error")
                    .append("\">");
            escape(level.group());
            html.append("</b>");
            escape(text.substring(level.end()));
        } else {
            escape(text);
        }
    }

    private void escape(String text) {
        Matcher control = CONTROL.matcher(text);
        int from = 0;
        while (control.find()) {
            entities(text, from, control.start());
            html.append("<span class=\"ctl\">").append(word(control.group())).append("</span>");
            from = control.end();
        }
        entities(text, from, text.length());
    }

    private static String word(String control) {
        char c = control.charAt(0);
        return c == 0x1b
                ? "ESC" + control.substring(1).replace("<", "&lt;")
                : String.format(Locale.ROOT, "^%c", c ^ 64);
    }

    private void entities(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '&' -> html.append("&amp;");
                case '"' -> html.append("&quot;");
                default -> html.append(c);
            }
        }
    }
}
