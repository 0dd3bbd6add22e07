package io.flotilla.agent.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs a filter as the kernel would, for the instructions that filters are made of. */
final class BpfMachine {

    static final int ALLOW = 0x7fff0000;
    static final int ERRNO = 0x00050000;

    private final byte[] program;

    BpfMachine(byte[] program) {
        this.program = program;
    }

    int run(Architecture architecture, int call, long... arguments) {
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(call).putInt(architecture.audit).putLong(0);
        for (long argument : arguments) {
            data.putLong(argument);
        }
        ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.nativeOrder());
        int accumulator = 0;
        for (int pc = 0; ; pc++) {
            int at = pc * 8;
            int operand = code.getInt(at + 4);
            int yes = Byte.toUnsignedInt(code.get(at + 2));
            int no = Byte.toUnsignedInt(code.get(at + 3));
            int compared = Integer.compareUnsigned(accumulator, operand);
            switch (code.getShort(at)) {
                case 0x20 -> accumulator = data.getInt(operand);
                case 0x54 -> accumulator &= operand;
                case 0x05 -> pc += operand;
                case 0x15 -> pc += compared == 0 ? yes : no;
                case 0x25 -> pc += compared > 0 ? yes : no;
                case 0x35 -> pc += compared >= 0 ? yes : no;
                case 0x45 -> pc += (accumulator & operand) != 0 ? yes : no;
                case 0x06 -> {
                    return operand;
                }
                default -> throw new IllegalStateException("instruction " + code.getShort(at) + " at " + pc);
            }
        }
    }
}
