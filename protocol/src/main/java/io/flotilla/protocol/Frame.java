package io.flotilla.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A binary frame of the session: type u8, stream u32 big-endian, payload. Each direction of a stream starts with {@link
 * #WINDOW} bytes of credit; STDIN, STDOUT, STDERR and LOG payloads use it up, the small other frames do not.
 */
@SuppressWarnings(
        "ArrayRecordComponent") // A frame lives for one hop and is never compared; copying every payload would cost
// more.
public record Frame(Type type, int stream, byte[] payload) {

    /** Credit of a new stream and the largest payload, in bytes. */
    public static final int WINDOW = 64 * 1024;

    private static final int HEADER = 5;

    /** The type byte; the browser's exec WebSocket uses the same numbers. */
    public enum Type {
        STDIN(0, true),
        STDOUT(1, true),
        STDERR(2, true),
        /** Columns and rows, u16 big-endian each. */
        RESIZE(3, false),
        /** The exit code, i32 big-endian; -1 when it is unknown. */
        EXIT(4, false),
        /** Whole lines of NDJSON. */
        LOG(5, true),
        /** Standard input has ended. No payload. */
        STDIN_END(6, false);

        private static final Type[] BY_CODE = values();

        private final int code;
        private final boolean counted;

        Type(int code, boolean counted) {
            this.code = code;
            this.counted = counted;
        }

        public byte code() {
            return (byte) code;
        }

        /** Whether payloads use up credit. */
        public boolean counted() {
            return counted;
        }

        /** The type of a code read from a peer. */
        public static Type of(int code) {
            if (code < 0 || code >= BY_CODE.length) {
                throw new IllegalArgumentException("frame type " + code + " is unknown");
            }
            return BY_CODE[code];
        }
    }

    public static Frame resize(int stream, int columns, int rows) {
        return new Frame(
                Type.RESIZE,
                stream,
                ByteBuffer.allocate(4)
                        .putShort((short) columns)
                        .putShort((short) rows)
                        .array());
    }

    public static Frame exit(int stream, int code) {
        return new Frame(Type.EXIT, stream, ByteBuffer.allocate(4).putInt(code).array());
    }

    public static Frame text(Type type, int stream, String payload) {
        return new Frame(type, stream, payload.getBytes(StandardCharsets.UTF_8));
    }

    /** The frame as it travels. */
    public byte[] encode() {
        return ByteBuffer.allocate(HEADER + payload.length)
                .put(type.code())
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** Reads a frame; the buffer must hold exactly one. */
    public static Frame decode(ByteBuffer buffer) {
        if (buffer.remaining() < HEADER) {
            throw new IllegalArgumentException(
                    "a frame has at least " + HEADER + " bytes, this one has " + buffer.remaining());
        }
        Type type = Type.of(buffer.get());
        int stream = buffer.getInt();
        byte[] payload = new byte[buffer.remaining()];
        buffer.get(payload);
        return new Frame(type, stream, payload);
    }
}
