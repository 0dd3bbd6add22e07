package io.flotilla.agent.engine.launch;

import io.flotilla.agent.kernel.UnixChannel;
import io.flotilla.agent.kernel.UnixSockets;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The streams of a process: the container's first one, to which any number of sessions may be attached, or an exec'd one,
 * which belongs to its session and is hung up when that closes. One thread reads events, another may write; all methods
 * block that thread only and are made for virtual threads.
 */
public final class Session implements AutoCloseable {

    private final UnixChannel channel;

    Session(UnixChannel channel) {
        this.channel = channel;
    }

    /** Waits for the next event. After {@link SessionEvent.Ended} there is none. */
    public SessionEvent next() throws IOException {
        while (true) {
            UnixSockets.Packet packet = receive();
            if (packet.isEnd()) {
                return new SessionEvent.Ended(Optional.empty());
            }
            ByteBuffer data = packet.data();
            int type = data.getInt();
            switch (type) {
                case Wire.OUTPUT, Wire.ERROR_OUTPUT -> {
                    return new SessionEvent.Output(type == Wire.ERROR_OUTPUT, data.slice());
                }
                case Wire.GAP -> {
                    return new SessionEvent.Gap(data.getLong());
                }
                case Wire.EXIT -> {
                    return new SessionEvent.Ended(Optional.of(Wire.exit(data)));
                }
                default -> {
                    // Answers to requests that nobody waits for.
                }
            }
        }
    }

    private UnixSockets.Packet receive() throws IOException {
        try {
            return channel.receive();
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** Writes to the process's input, waiting while the process does not read. */
    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int length = Math.min(bytes.remaining(), Wire.LARGEST_INPUT);
            send(Wire.input(bytes.slice(bytes.position(), length)));
            bytes.position(bytes.position() + length);
        }
    }

    /** The end of the input. A terminal has none: there it does nothing. */
    public void closeInput() throws IOException {
        send(Wire.request(Wire.INPUT_END));
    }

    /** Tells the terminal its size in characters. */
    public void resize(int rows, int columns) throws IOException {
        send(Wire.request(Wire.RESIZE, rows, columns));
    }

    /** Sends a signal to the session's process. */
    public void signal(int signal) throws IOException {
        send(Wire.request(Wire.SIGNAL, signal));
    }

    /** Changes how the session has the streams. Only for one that was attached, not for an exec'd process. */
    public void become(AttachOptions options) throws IOException {
        send(Wire.request(Wire.ATTACH, options.flags()));
    }

    private void send(byte[] message) throws IOException {
        try {
            channel.send(message, List.of());
        } catch (EOFException e) {
            throw new IOException("the session is closed", e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting for the shim");
    }

    /** Ends the session, never the container; an exec'd process is hung up. */
    @Override
    public void close() {
        channel.close();
    }
}
