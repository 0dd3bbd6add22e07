package io.flotilla.controlplane.image;

import io.flotilla.controlplane.database.PrivateFile;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Encrypts registry passwords with a key that is a file, so that a copy of the database alone gives none away. */
@Component
class Secrets {

    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private static final Logger LOG = LoggerFactory.getLogger(Secrets.class);

    private final SecureRandom random = new SecureRandom();
    private final SecretKeySpec key;

    Secrets(Settings settings) {
        Path file = settings.privateDirectory().resolve("registry-logins.key");
        try {
            if (!Files.exists(file)) {
                byte[] fresh = new byte[32];
                random.nextBytes(fresh);
                PrivateFile.write(file, Base64.getEncoder().encodeToString(fresh) + "\n");
            }
            key = new SecretKeySpec(
                    Base64.getDecoder().decode(Files.readString(file).strip()), "AES");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param belongsTo must be the same to open it again */
    byte[] seal(String secret, String belongsTo) {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        byte[] sealed = run(Cipher.ENCRYPT_MODE, nonce, secret.getBytes(StandardCharsets.UTF_8), belongsTo);
        byte[] whole = Arrays.copyOf(nonce, NONCE + sealed.length);
        System.arraycopy(sealed, 0, whole, NONCE, sealed.length);
        return whole;
    }

    String open(byte[] whole, String belongsTo) {
        byte[] nonce = Arrays.copyOf(whole, NONCE);
        byte[] sealed = Arrays.copyOfRange(whole, NONCE, whole.length);
        return new String(run(Cipher.DECRYPT_MODE, nonce, sealed, belongsTo), StandardCharsets.UTF_8);
    }

    private byte[] run(int mode, byte[] nonce, byte[] input, String belongsTo) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(belongsTo.getBytes(StandardCharsets.UTF_8));
            return cipher.doFinal(input);
        } catch (GeneralSecurityException e) {
            LOG.warn("the password for {} does not fit registry-logins.key", belongsTo, e);
            throw ProblemException.unavailable("the password for " + belongsTo
                    + " was sealed with another registry-logins.key; copy that of the control plane where it was set, or"
                    + " set it again");
        }
    }
}
