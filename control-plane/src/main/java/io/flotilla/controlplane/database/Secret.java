package io.flotilla.controlplane.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** One secret, from which the passwords of the database roles are derived, so that only one has to be kept. */
final class Secret {

    private static final int BYTES = 32;

    private final byte[] key;

    Secret(byte[] key) {
        this.key = key.clone();
    }

    /** Reads the file, or makes it with mode 0600; it is on disk before this returns. */
    static Secret keptIn(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] fresh = new byte[BYTES];
            new SecureRandom().nextBytes(fresh);
            PrivateFile.write(file, Base64.getEncoder().encodeToString(fresh) + "\n");
        }
        if (!Files.getPosixFilePermissions(file).equals(PosixFilePermissions.fromString("rw-------"))) {
            throw new IOException(file + " must have mode 0600; others could have read the database's password");
        }
        return new Secret(Base64.getDecoder().decode(Files.readString(file).strip()));
    }

    /** The same for the same name, 256 bits, unguessable from any other. */
    String passwordOf(String name) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] bytes = mac.doFinal(("flotilla database role " + name).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }
}
