package io.flotilla.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A server that tells each client, by TCP and UDP, which address it came from; and the client to it. */
final class Peers implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 1500;

    private final ServerSocket tcp;
    private final DatagramSocket udp;

    private Peers(InetSocketAddress at) throws IOException {
        tcp = new ServerSocket(at.getPort(), 0, at.getAddress());
        udp = new DatagramSocket(new InetSocketAddress(at.getAddress(), tcp.getLocalPort()));
        Thread.ofPlatform().daemon().start(this::serveTcp);
        Thread.ofPlatform().daemon().start(this::serveUdp);
    }

    static Peers serve(TestNamespace where, int port) throws Exception {
        return serveOn(where, "0.0.0.0", port);
    }

    static Peers serveOn(TestNamespace where, String address, int port) throws Exception {
        return where.call(() -> new Peers(new InetSocketAddress(address, port)));
    }

    int port() {
        return tcp.getLocalPort();
    }

    /** The address that the server saw, or the error's text. */
    static String askTcp(TestNamespace from, String host, int port) throws Exception {
        return from.call(() -> {
            try (var socket = new Socket()) {
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            } catch (IOException e) {
                return e.getMessage();
            }
        });
    }

    static String askUdp(TestNamespace from, String host, int port) throws Exception {
        return from.call(() -> {
            try (var socket = new DatagramSocket()) {
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.connect(new InetSocketAddress(host, port));
                socket.send(new DatagramPacket(new byte[1], 1));
                var answer = new DatagramPacket(new byte[100], 100);
                socket.receive(answer);
                return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
            } catch (IOException e) {
                return e.getMessage();
            }
        });
    }

    /** Sends again and again from the same port, as a client does whose flow never times out. */
    static String askUntilAnswered(DatagramSocket client) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        var answer = new DatagramPacket(new byte[100], 100);
        while (true) {
            try {
                client.send(new DatagramPacket(new byte[1], 1));
                client.receive(answer);
                return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
            } catch (SocketTimeoutException | PortUnreachableException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
            }
        }
    }

    private static byte[] text(InetAddress address) {
        return address.getHostAddress().getBytes(StandardCharsets.US_ASCII);
    }

    private void serveTcp() {
        while (!tcp.isClosed()) {
            try (var socket = tcp.accept()) {
                socket.getOutputStream().write(text(socket.getInetAddress()));
            } catch (IOException e) {
                assertThat(e).isInstanceOf(SocketException.class);
            }
        }
    }

    private void serveUdp() {
        var packet = new DatagramPacket(new byte[100], 100);
        while (!udp.isClosed()) {
            try {
                udp.receive(packet);
                byte[] answer = text(packet.getAddress());
                udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                assertThat(e).isInstanceOf(SocketException.class);
            }
        }
    }

    @Override
    public void close() throws IOException {
        tcp.close();
        udp.close();
    }
}
