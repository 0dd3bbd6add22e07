package io.flotilla.agent.link;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** A man in the middle: ends TLS with a certificate of its own, passes every byte on by TLS, and reads along. */
public final class GoBetween implements AutoCloseable {

    private final ServerSocket listener;
    private final SSLContext client;
    private final int target;
    private final ByteArrayOutputStream read = new ByteArrayOutputStream();

    public GoBetween(TestCertificate certificate, int target) throws Exception {
        this.target = target;
        client = SSLContext.getInstance("TLS");
        client.init(null, new TrustManager[] {new AnyCertificate()}, null);
        listener = certificate
                .context()
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket agent = listener.accept();
                Thread.ofVirtual().start(() -> serve(agent));
            } catch (IOException e) {
                // Closed by the test.
            }
        }
    }

    private void serve(Socket agent) {
        try (agent;
                Socket server = client.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), target)) {
            Thread back = Thread.ofVirtual().start(() -> pass(server, agent));
            pass(agent, server);
            back.join();
        } catch (IOException e) {
            // One of them hung up, or did not trust us.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pass(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                read.write(buffer, 0, length);
                out.write(buffer, 0, length);
                out.flush();
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // As above.
        }
    }

    /** Everything that it could read so far. */
    public String read() {
        return read.toString(StandardCharsets.ISO_8859_1);
    }

    public String url() {
        return "https://127.0.0.1:" + listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
