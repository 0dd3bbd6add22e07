package io.flotilla.agent.cli;

import io.flotilla.agent.kernel.Terminal;
import io.flotilla.agent.websocket.Message;
import io.flotilla.agent.websocket.WebSocket;
import io.flotilla.protocol.Frame;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Connects this terminal, or these pipes, with a process in a container. */
final class ProcessClient {

    /** The process ended, and nobody knows how. */
    static final int UNKNOWN = 125;

    /** The close code of a stream that the node would not open. */
    private static final int REFUSED = 4000;

    private static final long LOOK_AT_WINDOW_MILLIS = 200;

    private final WebSocket socket;
    private final boolean tty;
    private final boolean input;
    private final PrintStream errors;

    /**
     * @param input whether standard input is passed on; if not, the process reads the end of its input at once
     * @param errors where notices go that the process did not write
     */
    ProcessClient(WebSocket socket, boolean tty, boolean input, PrintStream errors) {
        this.socket = socket;
        this.tty = tty;
        this.input = input;
        this.errors = errors;
    }

    /** How it went. {@code refusal}: the node's sentence when the process could not be reached; then the code is its own. */
    record Result(int code, @Nullable String refusal) {}

    /** Passes bytes on until the process ends. */
    Result run() throws IOException {
        boolean raw = tty && input && Terminal.isPresent();
        @Nullable Terminal terminal = raw ? Terminal.raw() : null;
        Thread restore = new Thread(() -> close(terminal), "restore");
        if (terminal != null) {
            Runtime.getRuntime().addShutdownHook(restore);
            Thread.ofVirtual().start(this::followWindow);
        }
        try {
            if (input) {
                Thread.ofPlatform().name("stdin").daemon().start(this::sendInput);
            } else if (!tty) {
                send(Frame.Type.STDIN_END, new byte[0]);
            }
            Thread.ofVirtual().start(this::keepAlive);
            return receive();
        } finally {
            close(terminal);
            socket.close();
        }
    }

    private static void close(@Nullable Terminal terminal) {
        if (terminal != null) {
            terminal.close();
        }
    }

    private Result receive() throws IOException {
        while (true) {
            switch (socket.receive()) {
                case Message.Text _ -> {
                    // The process speaks in bytes.
                }
                case Message.Binary binary -> {
                    @Nullable Integer code = frame(binary.payload());
                    if (code != null) {
                        return new Result(
                                code < 0 ? UNKNOWN : code, code < 0 || code == 126 || code == 127 ? refused() : null);
                    }
                }
                case Message.Closed closed -> {
                    return new Result(
                            UNKNOWN, closed.reason().isEmpty() ? "the connection was closed" : closed.reason());
                }
            }
        }
    }

    /** A refusal has the code of a command that ended so; only the goodbye tells them apart. */
    private @Nullable String refused() throws IOException {
        try {
            Message last = socket.receive();
            return last instanceof Message.Closed closed && closed.code() == REFUSED ? closed.reason() : null;
        } catch (SocketTimeoutException e) {
            return null;
        }
    }

    /** The exit code, if the frame is the last one. */
    private static @Nullable Integer frame(byte[] message) throws IOException {
        if (message.length == 0) {
            return null;
        }
        byte[] payload = Arrays.copyOfRange(message, 1, message.length);
        return switch (Frame.Type.of(message[0])) {
            case STDOUT -> write(System.out, payload);
            case STDERR -> write(System.err, payload);
            case EXIT -> payload.length == 4 ? ByteBuffer.wrap(payload).getInt() : -1;
            case STDIN, RESIZE, LOG, STDIN_END -> null;
        };
    }

    /** Who reads no more, as {@code head} does, must not keep the process at work. */
    private static @Nullable Integer write(PrintStream out, byte[] bytes) throws IOException {
        out.write(bytes);
        if (out.checkError()) {
            throw new IOException("nobody reads the output any more");
        }
        return null;
    }

    private void sendInput() {
        // Not System.in: its buffer would wait for more than the first key.
        try (InputStream in = new FileInputStream(FileDescriptor.in)) {
            byte[] buffer = new byte[16 << 10];
            int count = in.read(buffer);
            while (count >= 0) {
                send(Frame.Type.STDIN, Arrays.copyOf(buffer, count));
                count = in.read(buffer);
            }
            send(Frame.Type.STDIN_END, new byte[0]);
        } catch (IOException e) {
            // The receiver reports why the connection is over.
        }
    }

    private void followWindow() {
        Terminal.@Nullable Size last = null;
        try {
            while (true) {
                Terminal.Size now = Terminal.size();
                if (!now.equals(last)) {
                    send(
                            Frame.Type.RESIZE,
                            Frame.resize(0, now.columns(), now.rows()).payload());
                    last = now;
                }
                Thread.sleep(LOOK_AT_WINDOW_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // The receiver reports why the connection is over.
        }
    }

    private void keepAlive() {
        try {
            while (true) {
                Thread.sleep(10_000);
                socket.ping();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            errors.flush();
        }
    }

    private void send(Frame.Type type, byte[] payload) throws IOException {
        byte[] message = new byte[1 + payload.length];
        message[0] = type.code();
        System.arraycopy(payload, 0, message, 1, payload.length);
        socket.sendBinary(message);
    }
}
