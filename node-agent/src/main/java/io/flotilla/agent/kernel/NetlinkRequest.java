package io.flotilla.agent.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * One netlink message to the kernel: header, the family's fixed part, attributes (netlink(7)). Numbers are in the
 * host's byte order except where a method says otherwise.
 */
public final class NetlinkRequest {

    public static final int ACK = 0x4;
    public static final int DUMP = 0x300;
    public static final int EXCL = 0x200;
    public static final int CREATE = 0x400;

    /** Marks the type of an attribute that holds attributes. */
    public static final int NESTED = 0x8000;

    private static final int REQUEST = 0x1;

    private final String operation;
    private final String subject;
    private final int flags;
    private ByteBuffer buffer = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());

    /**
     * @param operation what the message does and {@code subject} to what, for error messages
     * @param type the message's number in its family
     * @param flags ACK, DUMP, CREATE, EXCL or 0; the request flag is added
     */
    public NetlinkRequest(String operation, String subject, int type, int flags) {
        this.operation = operation;
        this.subject = subject;
        this.flags = flags | REQUEST;
        buffer.putInt(0)
                .putShort((short) type)
                .putShort((short) this.flags)
                .putInt(0)
                .putInt(0);
    }

    /** Appends a byte of the fixed part. */
    public NetlinkRequest u8(int value) {
        reserve(1).put((byte) value);
        return this;
    }

    /** Appends two bytes of the fixed part. */
    public NetlinkRequest u16(int value) {
        reserve(2).putShort((short) value);
        return this;
    }

    /** Appends two bytes of the fixed part in network order. */
    public NetlinkRequest u16NetworkOrder(int value) {
        return u8(value >> 8).u8(value);
    }

    /** Appends four bytes of the fixed part. */
    public NetlinkRequest u32(int value) {
        reserve(4).putInt(value);
        return this;
    }

    /** Appends an attribute of raw bytes. */
    public NetlinkRequest attribute(int type, byte... value) {
        reserve(4 + value.length + 3).putShort((short) (4 + value.length)).putShort((short) type);
        buffer.put(value);
        return pad();
    }

    /** Appends an attribute of four bytes. */
    public NetlinkRequest attributeU32(int type, int value) {
        reserve(8).putShort((short) 8).putShort((short) type).putInt(value);
        return this;
    }

    /** Appends an attribute of four bytes in network order. */
    public NetlinkRequest attributeU32NetworkOrder(int type, int value) {
        return attribute(type, ByteBuffer.allocate(4).putInt(value).array());
    }

    /** Appends a string attribute, terminated by NUL. */
    public NetlinkRequest attribute(int type, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return attribute(type, Arrays.copyOf(text, text.length + 1));
    }

    /** Appends an attribute that holds what {@code content} appends. */
    public NetlinkRequest nest(int type, Consumer<NetlinkRequest> content) {
        int start = buffer.position();
        reserve(4).putShort((short) 0).putShort((short) (type | NESTED));
        content.accept(this);
        buffer.putShort(start, (short) (buffer.position() - start));
        return pad();
    }

    /** Whether the kernel answers this message at all when it succeeds. */
    boolean isAnswered() {
        return (flags & (ACK | DUMP)) != 0;
    }

    String operation() {
        return operation;
    }

    String subject() {
        return subject;
    }

    /** The finished message, its length a multiple of four. */
    byte[] encode(int sequence) {
        pad();
        buffer.putInt(0, buffer.position()).putInt(8, sequence);
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private NetlinkRequest pad() {
        while ((buffer.position() & 3) != 0) {
            reserve(1).put((byte) 0);
        }
        return this;
    }

    private ByteBuffer reserve(int count) {
        if (buffer.remaining() < count) {
            var larger = ByteBuffer.allocate(buffer.capacity() * 2 + count).order(ByteOrder.nativeOrder());
            buffer = larger.put(buffer.flip());
        }
        return buffer;
    }
}
