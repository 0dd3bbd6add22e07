package io.flotilla.controlplane.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How an entry's hash follows from the entry and the hash before it. The database computes the same in
 * {@code audit_append}; this is the second opinion.
 */
final class Chain {

    /** Stands before the first entry. */
    static final String START = "0".repeat(64);

    private Chain() {}

    /** Lower-case hex. */
    static String hash(String before, AuditEntry entry) {
        MessageDigest digest = sha256();
        digest.update(HexFormat.of().parseHex(before));
        field(digest, Long.toString(entry.seq()));
        field(digest, Long.toString(entry.time().toEpochMilli()));
        field(digest, entry.actorKind());
        field(digest, entry.actorId());
        field(digest, entry.actor());
        field(digest, entry.source());
        field(digest, entry.action());
        field(digest, entry.targetKind());
        field(digest, entry.targetId());
        field(digest, entry.target());
        field(digest, entry.team());
        field(digest, entry.result());
        field(digest, entry.reason());
        field(digest, entry.before());
        field(digest, entry.after());
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void field(MessageDigest digest, @Nullable String value) {
        if (value == null) {
            digest.update((byte) '-');
            return;
        }
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
