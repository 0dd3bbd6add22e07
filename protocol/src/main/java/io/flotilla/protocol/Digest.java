package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A content digest as the OCI image specification writes it, {@code algorithm:hex}. Only the two registered algorithms
 * are known: sha256 (64 hex digits) and sha512 (128).
 */
public record Digest(@JsonValue String value) implements Comparable<Digest> {

    private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

    @JsonCreator
    public Digest {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "digest \"" + value + "\" is neither sha256 with 64 nor sha512 with 128 lower-case hex digits");
        }
    }

    /** The sha256 digest of these bytes. */
    public static Digest sha256(byte[] bytes) {
        MessageDigest digester = sha256();
        digester.update(bytes);
        return of(digester);
    }

    /** The digest of everything that this sha256 or sha512 digester has been fed; resets it. */
    public static Digest of(MessageDigest digester) {
        String algorithm = digester.getAlgorithm().equals("SHA-512") ? "sha512" : "sha256";
        return new Digest(algorithm + ":" + HexFormat.of().formatHex(digester.digest()));
    }

    /** A fresh digester of this digest's algorithm. */
    public MessageDigest digester() {
        return digester(algorithm().equals("sha512") ? "SHA-512" : "SHA-256");
    }

    /** A fresh sha256 digester. */
    public static MessageDigest sha256() {
        return digester("SHA-256");
    }

    private static MessageDigest digester(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }

    /** {@code sha256} or {@code sha512}. */
    public String algorithm() {
        return value.substring(0, value.indexOf(':'));
    }

    /** The digits after the colon, lower case. */
    public String hex() {
        return value.substring(value.indexOf(':') + 1);
    }

    /** The first twelve digits, for people. */
    public String brief() {
        return hex().substring(0, 12);
    }

    @Override
    public int compareTo(Digest other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
