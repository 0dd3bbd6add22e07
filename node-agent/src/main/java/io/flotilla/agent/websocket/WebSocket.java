package io.flotilla.agent.websocket;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * One connection. One thread receives; any thread may send. All calls block and suit virtual threads; closing from any
 * thread ends them.
 */
public final class WebSocket implements AutoCloseable {

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int COMPRESSED = 0x40;
    private static final int WORTH_COMPRESSING = 512;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final @Nullable Compression compression;
    private final int largestMessage;
    private final SecureRandom random;
    private final ReentrantLock sending = new ReentrantLock();
    private boolean closeSent;

    private WebSocket(
            Socket socket,
            DataInputStream in,
            DataOutputStream out,
            @Nullable Compression compression,
            int largestMessage,
            SecureRandom random) {
        this.socket = socket;
        this.in = in;
        this.out = out;
        this.compression = compression;
        this.largestMessage = largestMessage;
        this.random = random;
    }

    /**
     * How to connect.
     *
     * @param uri ws, wss, http or https
     * @param subprotocol null: none
     * @param headers more request headers, by name
     * @param largestMessage of those received, in bytes
     * @param timeout for connecting, and then the longest silence of the peer that {@link #receive} bears
     */
    public record Settings(
            URI uri,
            @Nullable String subprotocol,
            Map<String, String> headers,
            @Nullable SSLContext tls,
            int largestMessage,
            Duration timeout) {}

    /** Connects; {@link UpgradeRefusedException} when the server answers but not with an upgrade. */
    public static WebSocket connect(Settings settings, SecureRandom random) throws IOException {
        URI uri = settings.uri();
        boolean secure = uri.getScheme().equals("wss") || uri.getScheme().equals("https");
        int port = uri.getPort() > 0 ? uri.getPort() : secure ? 443 : 80;
        int timeout = Math.toIntExact(settings.timeout().toMillis());
        Socket socket = new Socket();
        try {
            String host = uri.getHost().startsWith("[")
                    ? uri.getHost().substring(1, uri.getHost().length() - 1)
                    : uri.getHost();
            socket.connect(new InetSocketAddress(host, port), timeout);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeout);
            if (secure) {
                SSLContext tls = settings.tls() == null ? SSLContext.getDefault() : settings.tls();
                SSLSocket over = (SSLSocket) tls.getSocketFactory().createSocket(socket, host, port, true);
                var parameters = over.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                over.setSSLParameters(parameters);
                over.startHandshake();
                socket = over;
            }
            return upgrade(socket, settings, random);
        } catch (IOException e) {
            socket.close();
            throw e;
        } catch (java.security.NoSuchAlgorithmException e) {
            socket.close();
            throw new IOException("this JDK has no TLS: " + e.getMessage(), e);
        }
    }

    private static WebSocket upgrade(Socket socket, Settings settings, SecureRandom random) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 16 << 10));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 16 << 10));
        byte[] nonce = new byte[16];
        random.nextBytes(nonce);
        Map<String, String> answer =
                Upgrade.perform(settings.uri(), in, out, nonce, settings.subprotocol(), settings.headers());
        String extensions = answer.get("sec-websocket-extensions");
        Compression compression = extensions == null ? null : Compression.accepted(extensions);
        return new WebSocket(socket, in, out, compression, settings.largestMessage(), random);
    }

    /** Whether messages are compressed. */
    public boolean compresses() {
        return compression != null;
    }

    public void sendText(String text) throws IOException {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        sending.lock();
        try {
            if (compression != null && payload.length >= WORTH_COMPRESSING) {
                sendFrame(TEXT | COMPRESSED, compression.compress(payload));
            } else {
                sendFrame(TEXT, payload);
            }
        } finally {
            sending.unlock();
        }
    }

    public void sendBinary(byte[] payload) throws IOException {
        sendFrame(BINARY, payload);
    }

    /** Asks the peer for a sign of life. */
    public void ping() throws IOException {
        sendFrame(PING, new byte[0]);
    }

    private void sendFrame(int opcode, byte[] payload) throws IOException {
        sending.lock();
        try {
            if (closeSent) {
                throw new IOException("the connection is closed");
            }
            closeSent = opcode == CLOSE;
            out.writeByte(0x80 | opcode);
            if (payload.length < 126) {
                out.writeByte(0x80 | payload.length);
            } else if (payload.length < 65_536) {
                out.writeByte(0x80 | 126);
                out.writeShort(payload.length);
            } else {
                out.writeByte(0x80 | 127);
                out.writeLong(payload.length);
            }
            byte[] mask = new byte[4];
            random.nextBytes(mask);
            out.write(mask);
            byte[] masked = new byte[payload.length];
            for (int i = 0; i < payload.length; i++) {
                masked[i] = (byte) (payload[i] ^ mask[i & 3]);
            }
            out.write(masked);
            out.flush();
        } finally {
            sending.unlock();
        }
    }

    /** The next message; pings are answered on the way. */
    public Message receive() throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        int kind = -1;
        boolean compressed = false;
        while (true) {
            int first;
            try {
                first = in.readUnsignedByte();
            } catch (EOFException e) {
                return new Message.Closed(1006, "the peer closed the connection without a word");
            }
            byte[] payload = readPayload(message.size());
            int opcode = first & 0x0f;
            switch (opcode) {
                case PING -> sendFrame(PONG, payload);
                case PONG -> {}
                case CLOSE -> {
                    return closed(payload);
                }
                case TEXT, BINARY, CONTINUATION -> {
                    if ((opcode == CONTINUATION) == (kind < 0)) {
                        throw new IOException("the peer broke the order of message fragments");
                    }
                    if (kind < 0) {
                        kind = opcode;
                        compressed = (first & COMPRESSED) != 0;
                    }
                    message.write(payload);
                    if ((first & 0x80) != 0) {
                        return whole(kind, compressed, message.toByteArray());
                    }
                }
                default -> throw new IOException("the peer sent a frame of unknown type " + opcode);
            }
        }
    }

    private byte[] readPayload(int before) throws IOException {
        int second = in.readUnsignedByte();
        if ((second & 0x80) != 0) {
            throw new IOException("the server masks its frames, which RFC 6455 forbids");
        }
        long length = second & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        if (length < 0 || length + before > largestMessage) {
            throw new IOException("the peer's message is larger than " + largestMessage + " bytes");
        }
        byte[] payload = new byte[(int) length];
        in.readFully(payload);
        return payload;
    }

    private Message whole(int kind, boolean compressed, byte[] payload) throws IOException {
        byte[] plain = payload;
        if (compressed) {
            if (compression == null) {
                throw new IOException("the peer compressed a message although that was not agreed");
            }
            plain = compression.decompress(payload, largestMessage);
        }
        return kind == TEXT ? new Message.Text(new String(plain, StandardCharsets.UTF_8)) : new Message.Binary(plain);
    }

    private Message closed(byte[] payload) throws IOException {
        int code = payload.length >= 2 ? ByteBuffer.wrap(payload).getShort() & 0xffff : 1005;
        String reason = payload.length > 2
                ? new String(Arrays.copyOfRange(payload, 2, payload.length), StandardCharsets.UTF_8)
                : "";
        sending.lock();
        try {
            if (!closeSent) {
                sendFrame(CLOSE, payload.length >= 2 ? Arrays.copyOf(payload, 2) : new byte[0]);
            }
        } finally {
            sending.unlock();
        }
        return new Message.Closed(code, reason);
    }

    /** Says goodbye; the peer's answer arrives as {@link Message.Closed}. */
    public void sendClose(int code, String reason) throws IOException {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        byte[] payload = ByteBuffer.allocate(2 + Math.min(text.length, 120))
                .putShort((short) code)
                .put(text, 0, Math.min(text.length, 120))
                .array();
        sendFrame(CLOSE, payload);
    }

    /** Cuts the connection. */
    @Override
    public void close() throws IOException {
        // The native buffers of the compression are left to the collector: another thread may still be using them.
        socket.close();
    }
}
