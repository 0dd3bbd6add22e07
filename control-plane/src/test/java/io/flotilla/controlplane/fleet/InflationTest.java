package io.flotilla.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Handshake;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A stranger's frame that inflates to a thousand times its size. */
class InflationTest {

    private static final int BOMB_MIB = 1024;
    private static final int FRAME_TEXT_COMPRESSED_LAST = 0xC1;
    private static final int MASKED_LONG_LENGTH = 0xFF;

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    @Test
    void isRefusedWithoutBeingInflated() throws Exception {
        byte[] bomb = bomb();
        assertThat(bomb.length).isLessThan(Codec.MAX_MESSAGE_BYTES);
        List<MemoryPoolMXBean> heap = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), plane.settings().port())) {
            socket.setSoTimeout(60_000);
            upgrade(socket);
            heap.forEach(pool -> pool.resetPeakUsage());
            long before = peak(heap);

            frame(socket.getOutputStream(), bomb);

            readToTheEnd(socket.getInputStream());
            assertThat((peak(heap) - before) >> 20).as("MiB").isLessThan(BOMB_MIB / 2);
        }
        assertThat(plane.send(plane.request("GET", "/login", null)).status()).isLessThan(400);
    }

    private static long peak(List<MemoryPoolMXBean> pools) {
        return pools.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
    }

    private static byte[] bomb() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, new Deflater(Deflater.BEST_SPEED, true))) {
            byte[] spaces = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < BOMB_MIB; i++) {
                out.write(spaces);
            }
        }
        return bytes.toByteArray();
    }

    private static void upgrade(Socket socket) throws IOException {
        String request = "GET " + Handshake.SESSION_PATH + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                + "Sec-WebSocket-Protocol: " + Handshake.SUBPROTOCOL + "\r\n"
                + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("no answer: " + answer);
            }
            answer.append((char) next);
        }
        assertThat(answer.toString()).startsWith("HTTP/1.1 101").containsIgnoringCase("permessage-deflate");
    }

    /** A masked text frame with the bit that says compressed (RFC 7692, 6.1); the mask is zeros. */
    private static void frame(OutputStream to, byte[] payload) throws IOException {
        DataOutputStream out = new DataOutputStream(to);
        out.writeByte(FRAME_TEXT_COMPRESSED_LAST);
        out.writeByte(MASKED_LONG_LENGTH);
        out.writeLong(payload.length);
        out.writeInt(0);
        try {
            out.write(payload);
            out.flush();
        } catch (SocketException e) {
            // The other side may hang up before all of it is sent.
        }
    }

    /** Fails by the socket's time limit if the control plane does not hang up. */
    private static void readToTheEnd(InputStream in) throws IOException {
        try {
            in.readAllBytes();
        } catch (SocketException e) {
            // A reset is an end, too.
        }
    }
}
