package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.problem.ProblemException;
import java.util.concurrent.Semaphore;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.stereotype.Component;

/** Argon2id with OWASP's parameters (19 MiB, two passes, one lane); few at a time, since each takes that much memory. */
@Component
class Passwords {

    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final int MEMORY_KIBIBYTES = 19_456;
    private static final int PASSES = 2;
    private static final int AT_ONCE = 4;
    private static final int SHORTEST = 8;
    private static final int LONGEST = 200;

    private final Argon2PasswordEncoder encoder =
            new Argon2PasswordEncoder(SALT_BYTES, HASH_BYTES, 1, MEMORY_KIBIBYTES, PASSES);
    private final Semaphore places = new Semaphore(AT_ONCE);
    /** What an unknown user's password is compared with, so that the answer takes as long as for a known one. */
    private volatile String decoy = "";

    /** @throws ProblemException naming the field if the password cannot be taken */
    String encode(String field, String userName, String password) {
        if (password.length() < SHORTEST || password.length() > LONGEST) {
            throw ProblemException.invalid(field, "must have " + SHORTEST + " to " + LONGEST + " characters");
        }
        if (password.equalsIgnoreCase(userName)) {
            throw ProblemException.invalid(field, "must not be the user's name");
        }
        return limited(() -> encoder.encode(password));
    }

    boolean matches(String password, String hash) {
        return password.length() <= LONGEST && limited(() -> encoder.matches(password, hash));
    }

    /** Spends the time that {@link #matches} would. */
    void spendTime(String password) {
        if (decoy.isEmpty()) {
            decoy = limited(() -> encoder.encode(Tokens256.random()));
        }
        boolean ignored = matches(password, decoy);
    }

    private <T> T limited(java.util.function.Supplier<T> work) {
        places.acquireUninterruptibly();
        try {
            return work.get();
        } finally {
            places.release();
        }
    }
}
