package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
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
