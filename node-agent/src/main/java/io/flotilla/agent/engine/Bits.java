package io.flotilla.agent.engine;

import io.flotilla.agent.oci.SpecException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/** Lists of small numbers as the kernel writes them ({@code 0-3,7}), as the masks that its calls take. */
final class Bits {

    /** More processors or nodes than any kernel is built for. */
    private static final int MOST = 8192;

    private Bits() {}

    /** Whole longs in little-endian order, which is how both architectures keep an array of unsigned longs. */
    static ByteBuffer mask(String field, String list) {
        BitSet bits = new BitSet();
        for (String part : list.strip().split(",", -1)) {
            String[] ends = part.strip().split("-", -1);
            int first = number(field, list, ends[0]);
            int last = ends.length == 1 ? first : number(field, list, ends[1]);
            if (ends.length > 2 || last < first) {
                throw wrong(field, list);
            }
            bits.set(first, last + 1);
        }
        ByteBuffer mask = ByteBuffer.allocate((bits.length() + Long.SIZE - 1) / Long.SIZE * Long.BYTES);
        mask.put(bits.toByteArray());
        return mask.rewind();
    }

    private static int number(String field, String list, String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number < MOST) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The list as a whole is what the sentence is about.
        }
        throw wrong(field, list);
    }

    private static SpecException wrong(String field, String list) {
        return new SpecException(field, "\"" + list + "\" is no list as 0-3,7");
    }
}
