package io.flotilla.agent.kernel;

import java.io.EOFException;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * A connected SOCK_SEQPACKET socket whose reads and writes block the calling (virtual) thread only, never a carrier: they
 * park until the poller says that the socket is ready. One reader and one writer at a time.
 */
public final class UnixChannel implements AutoCloseable {

    private final Fd socket;
    private final Poller.Registration registration;
    private final UnixSockets.Receiver receiver;
    private final Semaphore readable = new Semaphore(0);
    private final Semaphore writable = new Semaphore(0);
    private final Object interest = new Object();
    private boolean wantsRead;
    private boolean wantsWrite;
    private volatile boolean closed;

    /**
     * Takes the socket over.
     *
     * @param largest bytes of the largest message to be received; longer ones are cut
     */
    public UnixChannel(Poller poller, Fd socket, int largest) throws KernelException {
        this.socket = socket;
        this.receiver = new UnixSockets.Receiver(largest);
        this.registration = poller.watch(socket, Poller.NOTHING, this::ready);
    }

    private void ready(boolean isReadable, boolean isWritable) {
        synchronized (interest) {
            // One-shot: the poller is silent until interest is shown again.
            boolean read = wantsRead && isReadable;
            boolean write = wantsWrite && (isWritable || isReadable);
            wantsRead = wantsRead && !read;
            wantsWrite = wantsWrite && !write;
            if (read) {
                readable.release();
            }
            if (write) {
                writable.release();
            }
            if (wantsRead || wantsWrite) {
                rearmQuietly();
            }
        }
    }

    private void rearmQuietly() {
        try {
            registration.interest(wantsRead, wantsWrite);
        } catch (KernelException e) {
            // Only a closed descriptor cannot be watched: whoever waits finds that out when woken.
            readable.release();
            writable.release();
        }
    }

    private void await(boolean write) throws KernelException, InterruptedException {
        synchronized (interest) {
            if (write) {
                wantsWrite = true;
            } else {
                wantsRead = true;
            }
            if (!closed) {
                registration.interest(wantsRead, wantsWrite);
            }
        }
        if (!closed) {
            (write ? writable : readable).acquire();
        }
    }

    /** Waits for the next message; its {@code isEnd()} tells that the peer, or this side, has closed. */
    public UnixSockets.Packet receive() throws KernelException, InterruptedException {
        while (true) {
            synchronized (socket) {
                if (closed) {
                    return UnixSockets.Packet.END;
                }
                UnixSockets.Packet packet = receiver.receive(socket);
                if (packet != null) {
                    return packet;
                }
            }
            await(false);
        }
    }

    /** Sends one message, waiting while the peer's queue is full. Throws {@link EOFException} when the channel is closed. */
    public void send(byte[] data, List<Fd> descriptors) throws KernelException, EOFException, InterruptedException {
        while (true) {
            synchronized (socket) {
                if (closed) {
                    throw new EOFException("the connection is closed");
                }
                boolean sent = descriptors.isEmpty()
                        ? UnixSockets.send(socket, data)
                        : UnixSockets.send(socket, data, descriptors);
                if (sent) {
                    return;
                }
            }
            await(true);
        }
    }

    @Override
    public void close() {
        synchronized (socket) {
            if (closed) {
                return;
            }
            closed = true;
            registration.close();
            socket.close();
        }
        readable.release();
        writable.release();
    }
}
