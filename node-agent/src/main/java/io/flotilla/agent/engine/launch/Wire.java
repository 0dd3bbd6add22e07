package io.flotilla.agent.engine.launch;

import io.flotilla.agent.kernel.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The messages of the shim's socket, as its {@code shim.h} numbers and lays them out. */
final class Wire {

    static final int PROCEED = 1;
    static final int START = 2;
    static final int ATTACH = 3;
    static final int INPUT = 4;
    static final int INPUT_END = 5;
    static final int RESIZE = 6;
    static final int EXEC = 7;
    static final int SIGNAL = 8;
    static final int RELEASE = 9;

    static final int STATE = 64;
    static final int DONE = 65;
    static final int FAILED = 66;
    static final int OUTPUT = 67;
    static final int ERROR_OUTPUT = 68;
    static final int GAP = 69;
    static final int EXIT = 70;

    /** Of one message with its type; the shim reads and writes at most this much of a stream at once. */
    static final int LARGEST_MESSAGE = 8192 + 64;

    static final int LARGEST_INPUT = 8192;
    static final int PROTOCOL_VERSION = 1;
    private static final int NO_STEP = -1;

    private Wire() {}

    static byte[] request(int type, int... fields) {
        ByteBuffer message = ByteBuffer.allocate(4 + 4 * fields.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type);
        for (int field : fields) {
            message.putInt(field);
        }
        return message.array();
    }

    static byte[] input(ByteBuffer bytes) {
        return ByteBuffer.allocate(4 + bytes.remaining())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(INPUT)
                .put(bytes)
                .array();
    }

    /** The body of an EXIT message, behind its type. */
    static Exit exit(ByteBuffer body) {
        int code = body.getInt();
        int signal = body.getInt();
        return new Exit(code, signal, ShimRecord.instant(body.getLong()), ShimRecord.instant(body.getLong()));
    }

    /** The body of a FAILED message, behind its type and request, as a sentence about a step of the plan. */
    static LaunchException failure(ByteBuffer body, List<Step> steps) {
        int number = body.getInt();
        Errno errno = Errno.of(body.getInt());
        String operation = text(body);
        String subject = text(body);
        boolean known = number != NO_STEP && number >= 0 && number < steps.size();
        String detail = (operation + " " + subject).strip();
        if (!known) {
            return new LaunchException(detail + ": " + errno + ": " + errno.text(), errno, LaunchException.NOT_STARTED);
        }
        Step step = steps.get(number);
        if (step instanceof Step.Execute && operation.equals("find")) {
            return notRun(step.describe(), subject, errno);
        }
        int code = step instanceof Step.Execute ? programCode(errno) : LaunchException.NOT_STARTED;
        return new LaunchException(
                step.describe() + ": " + errno + ": " + errno.text() + " (" + detail + ")", errno, code);
    }

    /** @param path empty if there are several where the program could have been */
    private static LaunchException notRun(String run, String path, Errno errno) {
        int code = programCode(errno);
        String why = code == LaunchException.NOT_FOUND
                ? "there is no such program " + (path.isEmpty() ? "in any directory of PATH" : "at " + path)
                : "this may not be executed (" + errno.text() + ")";
        return new LaunchException(run + ": " + errno + ": " + why, errno, code);
    }

    private static int programCode(Errno errno) {
        return errno == Errno.ENOENT || errno == Errno.ENOTDIR
                ? LaunchException.NOT_FOUND
                : LaunchException.NOT_EXECUTABLE;
    }

    private static String text(ByteBuffer body) {
        byte[] bytes = new byte[body.getInt()];
        body.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
