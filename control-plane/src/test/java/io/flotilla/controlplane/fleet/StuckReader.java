package io.flotilla.controlplane.fleet;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A client that asks and then never reads on. */
final class StuckReader implements AutoCloseable {

    private final Socket socket;
    private final String token;

    StuckReader(String base, String token) throws IOException {
        URI uri = URI.create(base);
        socket = new Socket(uri.getHost(), uri.getPort());
        this.token = token;
    }

    void open(String path) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        if (socket.getInputStream().read() != 'H') {
            throw new IOException("no HTTP answer");
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
