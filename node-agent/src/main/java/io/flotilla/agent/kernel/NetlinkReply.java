package io.flotilla.agent.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * One netlink message from the kernel.
 *
 * @param type the message's number in its family
 * @param body what follows the header: the family's fixed part, then attributes
 */
public record NetlinkReply(int type, Body body) {

    /** The bytes after the header. */
    public record Body(ByteBuffer bytes) {

        static Body of(ByteBuffer source, int offset, int length) {
            return new Body(source.slice(offset, length).order(ByteOrder.nativeOrder()));
        }

        public int u8(int offset) {
            return bytes.get(offset) & 0xff;
        }

        public int u32(int offset) {
            return bytes.getInt(offset);
        }

        public long u64(int offset) {
            return bytes.getLong(offset);
        }

        /** The attributes from {@code offset} to the end, by type; a nested attribute is a body again. */
        public Map<Integer, Body> attributes(int offset) {
            var result = new HashMap<Integer, Body>();
            int at = offset;
            while (at + 4 <= bytes.limit()) {
                int length = bytes.getShort(at) & 0xffff;
                if (length < 4 || at + length > bytes.limit()) {
                    break;
                }
                result.put(bytes.getShort(at + 2) & 0x3fff, of(bytes, at + 4, length - 4));
                at += length + 3 & ~3;
            }
            return result;
        }

        /** A copy of the bytes. */
        public byte[] array() {
            var copy = new byte[bytes.limit()];
            bytes.get(0, copy);
            return copy;
        }
    }
}
