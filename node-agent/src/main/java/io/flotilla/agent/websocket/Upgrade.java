package io.flotilla.agent.websocket;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The opening handshake (RFC 6455 section 4.1). */
final class Upgrade {

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int LONGEST_HEAD = 32 << 10;
    private static final int LONGEST_BODY = 8 << 10;

    private Upgrade() {}

    /** Sends the request and reads the response's head; returns the headers, names in lower case. */
    static Map<String, String> perform(
            URI uri,
            InputStream in,
            OutputStream out,
            byte[] nonce,
            @Nullable String subprotocol,
            Map<String, String> headers)
            throws IOException {
        String key = Base64.getEncoder().encodeToString(nonce);
        out.write(request(uri, key, subprotocol, headers).getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        String[] head = readHead(in).split("\r\n", -1);
        Map<String, String> answer = parse(head);
        int status = status(head[0]);
        if (status != 101) {
            throw new UpgradeRefusedException(uri.toString(), status, body(in, answer));
        }
        require(uri, answer, "sec-websocket-accept", accept(key));
        if (subprotocol != null) {
            require(uri, answer, "sec-websocket-protocol", subprotocol);
        }
        return answer;
    }

    private static String request(URI uri, String key, @Nullable String subprotocol, Map<String, String> headers) {
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        StringBuilder text = new StringBuilder("GET ")
                .append(path)
                .append(uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())
                .append(" HTTP/1.1\r\nHost: ")
                .append(uri.getRawAuthority())
                .append(
                        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ")
                .append(key)
                .append("\r\nSec-WebSocket-Extensions: ")
                .append(Compression.OFFER)
                .append("\r\n");
        if (subprotocol != null) {
            text.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
        }
        headers.forEach((name, value) -> text.append(name)
                .append(": ")
                .append(value.replaceAll("[\r\n]", ""))
                .append("\r\n"));
        return text.append("\r\n").toString();
    }

    private static String readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the server closed the connection during the WebSocket handshake");
            }
            head.write(next);
            if (head.size() > LONGEST_HEAD) {
                throw new IOException("the server's response head is longer than " + LONGEST_HEAD + " bytes");
            }
            matched = next == (matched % 2 == 0 ? '\r' : '\n') ? matched + 1 : next == '\r' ? 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static Map<String, String> parse(String[] head) {
        Map<String, String> headers = new HashMap<>();
        for (String line : head) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return headers;
    }

    private static int status(String line) throws IOException {
        if (!line.matches("HTTP/1\\.[01] [0-9]{3}.*")) {
            throw new IOException(
                    "the server does not speak HTTP/1.1: \"" + line.substring(0, Math.min(line.length(), 60)) + "\"");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private static String body(InputStream in, Map<String, String> headers) throws IOException {
        String length = headers.get("content-length");
        int wanted = length != null && length.matches("[0-9]{1,9}") ? Integer.parseInt(length) : 0;
        return new String(in.readNBytes(Math.min(wanted, LONGEST_BODY)), StandardCharsets.UTF_8);
    }

    private static void require(URI uri, Map<String, String> headers, String name, String value) throws IOException {
        if (!value.equals(headers.get(name))) {
            throw new IOException(
                    uri + " answered with " + name + " \"" + headers.get(name) + "\" and not \"" + value + "\"");
        }
    }

    private static String accept(String key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(digest.digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
