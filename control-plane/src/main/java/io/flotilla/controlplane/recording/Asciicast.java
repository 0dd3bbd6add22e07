package io.flotilla.controlplane.recording;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes the lines of a recording (asciicast v2: a header, then one event a line). Pure; holds only the first bytes of a
 * character whose last ones have not come yet.
 */
final class Asciicast {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] unfinished = new byte[0];

    /** @param command null for a container's own process */
    static byte[] header(int columns, int rows, Instant start, String title, @Nullable List<String> command) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("version", 2);
        header.put("width", columns);
        header.put("height", rows);
        header.put("timestamp", start.getEpochSecond());
        header.put("title", title);
        if (command != null && !command.isEmpty()) {
            header.put("command", String.join(" ", command));
        }
        header.put("env", Map.of("TERM", "xterm-256color"));
        return line(header);
    }

    /** Null while the bytes make no whole character. */
    byte @Nullable [] output(long nanos, byte[] bytes) {
        ByteBuffer in = ByteBuffer.allocate(unfinished.length + bytes.length)
                .put(unfinished)
                .put(bytes)
                .flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
        decoder.decode(in, out, false);
        unfinished = new byte[in.remaining()];
        in.get(unfinished);
        return out.flip().isEmpty() ? null : event(nanos, "o", out.toString());
    }

    static byte[] resize(long nanos, int columns, int rows) {
        return event(nanos, "r", columns + "x" + rows);
    }

    static byte[] marker(long nanos, String text) {
        return event(nanos, "m", text);
    }

    private static byte[] event(long nanos, String code, String data) {
        return line(List.of(BigDecimal.valueOf(nanos / NANOS_PER_MILLI, 3), code, data));
    }

    private static byte[] line(Object value) {
        return (JSON.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
