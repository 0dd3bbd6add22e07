package io.flotilla.agent.program;

import io.flotilla.agent.engine.launch.Exit;
import io.flotilla.agent.engine.launch.Session;
import io.flotilla.agent.engine.launch.SessionEvent;
import io.flotilla.agent.link.Stream;
import io.flotilla.agent.link.StreamServer;
import io.flotilla.protocol.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Carries a process's streams and exit code: an exec, or an attach to a container's first process. */
final class ProcessStream implements StreamServer.Serving {

    /** What an exit frame says when nobody knows the code. */
    private static final int UNKNOWN = -1;

    private final Session session;

    ProcessStream(Session session) {
        this.session = session;
    }

    @Override
    public void serve(Stream stream) throws InterruptedException {
        try (session) {
            Thread output = Thread.ofVirtual().name("stream-output").start(() -> sendOutput(stream));
            try {
                receiveInput(stream);
            } finally {
                session.close();
                output.join();
            }
        }
    }

    private void receiveInput(Stream stream) throws InterruptedException {
        Frame frame = stream.take();
        while (frame != null) {
            try {
                input(frame);
            } catch (IOException e) {
                // The process no longer reads; its end is told by the other direction.
            }
            frame = stream.take();
        }
    }

    private void input(Frame frame) throws IOException {
        switch (frame.type()) {
            case STDIN -> session.write(ByteBuffer.wrap(frame.payload()));
            case STDIN_END -> session.closeInput();
            case RESIZE -> {
                if (frame.payload().length == 4) {
                    ByteBuffer size = ByteBuffer.wrap(frame.payload());
                    int columns = size.getShort() & 0xffff;
                    session.resize(size.getShort() & 0xffff, columns);
                }
            }
            case STDOUT, STDERR, EXIT, LOG -> {
                // Only the node sends these.
            }
        }
    }

    private void sendOutput(Stream stream) {
        @Nullable String failure = null;
        try {
            boolean open = true;
            while (open) {
                open = switch (session.next()) {
                    case SessionEvent.Output output ->
                        stream.send(output.error() ? Frame.Type.STDERR : Frame.Type.STDOUT, bytes(output.bytes()));
                    case SessionEvent.Gap gap -> stream.send(Frame.Type.STDERR, notice(gap.bytes()));
                    case SessionEvent.Ended ended -> {
                        stream.send(Frame.Type.EXIT, exit(ended.exit()));
                        yield false;
                    }
                };
            }
        } catch (IOException e) {
            failure = stream.isClosed() ? null : "the process's streams broke: " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stream.close(failure);
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static byte[] notice(long bytes) {
        return ("\r\n[" + bytes + " bytes of output were dropped]\r\n").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] exit(Optional<Exit> exit) {
        int code = exit.map(Exit::shellCode).orElse(UNKNOWN);
        return ByteBuffer.allocate(4).putInt(code).array();
    }
}
