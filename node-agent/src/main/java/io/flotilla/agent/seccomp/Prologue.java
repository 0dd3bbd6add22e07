package io.flotilla.agent.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * Instructions ahead of the filter that answer calls newer than the profile with ENOSYS. A C library that meets a call
 * its kernel lacks falls back on ENOSYS, but takes EPERM for the final answer; so a profile must not answer EPERM to
 * calls that its author could not know. (The OCI runtimes do the same.)
 */
final class Prologue {

    private static final int INSTRUCTION_BYTES = 8;
    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_GREATER = 0x25;
    private static final int RETURN = 0x06;
    private static final int ARCHITECTURE_OFFSET = 4;
    private static final int RETURN_ENOSYS = 0x00050000 | Errnos.ENOSYS;
    private static final int NATIVE_CALLS = 0x3fffffff;

    private Prologue() {}

    static byte[] prepend(Map<Architecture, Integer> newest, boolean wanted, byte[] program) {
        if (!wanted || newest.isEmpty()) {
            return program;
        }
        ByteBuffer out = ByteBuffer.allocate(newest.size() * 7 * INSTRUCTION_BYTES + program.length)
                .order(ByteOrder.nativeOrder());
        newest.forEach((architecture, number) -> block(out, architecture, number));
        out.put(program);
        byte[] whole = new byte[out.position()];
        out.flip().get(whole);
        return whole;
    }

    /**
     * For one architecture: leave unless it is this one, leave if the number is another ABI's, answer if it is too high.
     * The last jump goes over the answer, to the next block or the filter.
     */
    private static void block(ByteBuffer out, Architecture architecture, int number) {
        int last = architecture.offset + number;
        int end = architecture.offset | NATIVE_CALLS;
        instruction(out, LOAD_WORD, 0, 0, ARCHITECTURE_OFFSET);
        instruction(out, JUMP_EQUAL, 0, 4, architecture.audit);
        instruction(out, LOAD_WORD, 0, 0, 0);
        instruction(out, JUMP_GREATER, 2, 0, end);
        instruction(out, JUMP_GREATER, 0, 1, last);
        instruction(out, RETURN, 0, 0, RETURN_ENOSYS);
    }

    private static void instruction(ByteBuffer out, int code, int jumpTrue, int jumpFalse, int operand) {
        out.putShort((short) code).put((byte) jumpTrue).put((byte) jumpFalse).putInt(operand);
    }
}
