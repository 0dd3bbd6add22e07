package io.flotilla.agent.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes tar archives byte by byte, also such as no tool would write. */
final class TarMaker {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    TarMaker file(String name, String content) {
        return member(name, '0', "", content.getBytes(StandardCharsets.UTF_8));
    }

    TarMaker directory(String name) {
        return member(name, '5', "", new byte[0]);
    }

    TarMaker symbolicLink(String name, String target) {
        return member(name, '2', target, new byte[0]);
    }

    TarMaker hardLink(String name, String target) {
        return member(name, '1', target, new byte[0]);
    }

    TarMaker device(String name, char kind, int major, int minor) {
        byte[] header = header(name, kind, "", 0);
        octal(header, 329, 8, major);
        octal(header, 337, 8, minor);
        return block(header, new byte[0]);
    }

    /** An extended header for the next member. */
    TarMaker pax(String key, String value) {
        String tail = " " + key + "=" + value + "\n";
        int length = tail.length() + 1;
        while (Integer.toString(length).length() + tail.length() != length) {
            length++;
        }
        return member("pax", 'x', "", (length + tail).getBytes(StandardCharsets.ISO_8859_1));
    }

    TarMaker member(String name, char kind, String link, byte[] content) {
        return block(header(name, kind, link, content.length), content);
    }

    /** A header whose content does not follow. */
    TarMaker claim(String name, char kind, long size) {
        return block(header(name, kind, "", size), new byte[0]);
    }

    private TarMaker block(byte[] header, byte[] content) {
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        octal(header, 148, 7, sum);
        out.writeBytes(header);
        out.writeBytes(content);
        out.writeBytes(new byte[(512 - content.length % 512) % 512]);
        return this;
    }

    private static byte[] header(String name, char kind, String link, long size) {
        byte[] header = new byte[512];
        put(header, 0, name);
        octal(header, 100, 8, kind == '5' ? 0755 : 0644);
        octal(header, 108, 8, 0);
        octal(header, 116, 8, 0);
        octal(header, 124, 12, size);
        octal(header, 136, 12, 1_000_000_000);
        header[156] = (byte) kind;
        put(header, 157, link);
        put(header, 257, "ustar\00000");
        return header;
    }

    private static void put(byte[] header, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, header, offset, bytes.length);
    }

    private static void octal(byte[] header, int offset, int length, long value) {
        String digits = Long.toOctalString(value);
        put(header, offset, "0".repeat(length - 1 - digits.length()) + digits + "\0");
    }

    byte[] bytes() {
        byte[] archive = out.toByteArray();
        return Arrays.copyOf(archive, archive.length + 1024);
    }

    /** Without the two blocks of zeros at the end. */
    byte[] cut() {
        return out.toByteArray();
    }
}
