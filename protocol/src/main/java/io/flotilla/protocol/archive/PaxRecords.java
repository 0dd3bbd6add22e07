package io.flotilla.protocol.archive;

import io.flotilla.protocol.Bytes;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What extended headers say about the next member, overriding its plain header. */
final class PaxRecords {

    private static final String XATTR = "SCHILY.xattr.";
    private static final int MOST_XATTRS = 256;

    private @Nullable String name;
    private @Nullable String link;
    private OptionalLong size = OptionalLong.empty();
    private OptionalLong uid = OptionalLong.empty();
    private OptionalLong gid = OptionalLong.empty();
    private OptionalLong mtimeSeconds = OptionalLong.empty();
    private int mtimeNanos;
    private boolean sparse;
    private final Map<String, Bytes> xattrs = new HashMap<>();

    /** Records of the form {@code length key=value\n}, the length being that of the whole record. */
    void read(byte[] bytes) throws ArchiveException {
        int at = 0;
        while (at < bytes.length && bytes[at] != 0) {
            int space = find(bytes, at, ' ');
            int length = (int) decimal(new String(bytes, at, space - at, StandardCharsets.ISO_8859_1));
            int end = at + length;
            if (length <= space - at || end > bytes.length || end <= at || bytes[end - 1] != '\n') {
                throw malformed();
            }
            int equals = find(bytes, space + 1, '=');
            if (equals >= end) {
                throw malformed();
            }
            String key = new String(bytes, space + 1, equals - space - 1, StandardCharsets.UTF_8);
            take(key, Arrays.copyOfRange(bytes, equals + 1, end - 1));
            at = end;
        }
    }

    private void take(String key, byte[] value) throws ArchiveException {
        String text = new String(value, StandardCharsets.ISO_8859_1);
        switch (key) {
            case "path" -> name = text.isEmpty() ? null : text;
            case "linkpath" -> link = text.isEmpty() ? null : text;
            case "size" -> size = OptionalLong.of(decimal(text));
            case "uid" -> uid = OptionalLong.of(decimal(text));
            case "gid" -> gid = OptionalLong.of(decimal(text));
            case "mtime" -> mtime(text);
            default -> {
                sparse |= key.startsWith("GNU.sparse.");
                if (key.startsWith(XATTR)) {
                    xattr(key.substring(XATTR.length()), value);
                }
            }
        }
    }

    private void xattr(String attribute, byte[] value) throws ArchiveException {
        if (xattrs.size() >= MOST_XATTRS || value.length > 65536 || attribute.isEmpty() || attribute.length() > 255) {
            throw new ArchiveException("the archive has more or longer extended attributes than Linux stores");
        }
        xattrs.put(attribute, Bytes.of(value));
    }

    private void mtime(String text) throws ArchiveException {
        try {
            if (text.length() > 40) {
                throw malformed();
            }
            BigDecimal time = new BigDecimal(text);
            BigDecimal whole = time.setScale(0, java.math.RoundingMode.FLOOR);
            mtimeSeconds = OptionalLong.of(whole.longValueExact());
            mtimeNanos = time.subtract(whole).movePointRight(9).intValue();
        } catch (ArithmeticException | NumberFormatException e) {
            throw malformed();
        }
    }

    private static int find(byte[] bytes, int from, char wanted) throws ArchiveException {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        throw malformed();
    }

    private static long decimal(String text) throws ArchiveException {
        if (!text.matches("[0-9]{1,18}")) {
            throw malformed();
        }
        return Long.parseLong(text);
    }

    private static ArchiveException malformed() {
        return new ArchiveException("the archive has a malformed extended header");
    }

    void name(String longName) {
        name = longName;
    }

    void link(String longLink) {
        link = longLink;
    }

    Optional<String> name() {
        return Optional.ofNullable(name);
    }

    Optional<String> link() {
        return Optional.ofNullable(link);
    }

    OptionalLong size() {
        return size;
    }

    OptionalLong uid() {
        return uid;
    }

    OptionalLong gid() {
        return gid;
    }

    OptionalLong mtimeSeconds() {
        return mtimeSeconds;
    }

    int mtimeNanos() {
        return mtimeNanos;
    }

    boolean isSparse() {
        return sparse;
    }

    Map<String, Bytes> xattrs() {
        return xattrs;
    }
}
