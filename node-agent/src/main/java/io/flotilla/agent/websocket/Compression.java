package io.flotilla.agent.websocket;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The permessage-deflate extension (RFC 7692). We compress every message by itself; the peer may keep its window. */
final class Compression {

    static final String OFFER = "permessage-deflate; client_no_context_takeover";

    /** What Z_SYNC_FLUSH ends with; it is cut off before sending and put back before reading (section 7.2). */
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final Inflater inflater = new Inflater(true);
    private final boolean resetsInflater;

    private Compression(boolean resetsInflater) {
        this.resetsInflater = resetsInflater;
    }

    /** Reads the server's Sec-WebSocket-Extensions. */
    static Compression accepted(String header) throws IOException {
        boolean resets = false;
        for (String parameter : header.toLowerCase(Locale.ROOT).split(";", -1)) {
            String name = parameter.strip();
            if (name.equals("server_no_context_takeover")) {
                resets = true;
            } else if (name.startsWith("client_max_window_bits")) {
                throw new IOException("the server demands a compression window that was not offered");
            }
        }
        return new Compression(resets);
    }

    byte[] compress(byte[] message) {
        deflater.reset();
        deflater.setInput(message);
        ByteArrayOutputStream out = new ByteArrayOutputStream(message.length / 2 + 64);
        byte[] buffer = new byte[8192];
        int count = buffer.length;
        while (count == buffer.length) {
            count = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
            out.write(buffer, 0, count);
        }
        byte[] all = out.toByteArray();
        return Arrays.copyOf(all, all.length - TAIL.length);
    }

    byte[] decompress(byte[] message, int atMost) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(message.length * 3 + 64);
        inflate(message, out, atMost);
        inflate(TAIL, out, atMost);
        if (resetsInflater) {
            inflater.reset();
        }
        return out.toByteArray();
    }

    private void inflate(byte[] input, ByteArrayOutputStream out, int atMost) throws IOException {
        inflater.setInput(input);
        byte[] buffer = new byte[8192];
        try {
            int count;
            while ((count = inflater.inflate(buffer)) > 0) {
                out.write(buffer, 0, count);
                if (out.size() > atMost) {
                    throw new IOException("the peer's message is larger than " + atMost + " bytes when decompressed");
                }
            }
        } catch (DataFormatException e) {
            throw new IOException("the peer's message cannot be decompressed: " + e.getMessage(), e);
        }
    }
}
