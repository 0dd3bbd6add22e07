package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.database.OnDatabaseReady;
import io.flotilla.controlplane.database.PrivateFile;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Proof of being root on this machine: a key that stands in a file only root (or the account of the control plane) can
 * read. Accepted from loopback only.
 */
@Component
@Order(0)
public class AdminKey implements OnDatabaseReady {

    private final Path file;
    private volatile @Nullable String key;

    AdminKey(Settings settings) {
        file = settings.privateDirectory().resolve("admin.key");
    }

    @Override
    public void databaseReady() {
        try {
            if (!Files.exists(file)) {
                PrivateFile.write(file, Tokens256.random() + "\n");
            }
            read();
        } catch (IOException e) {
            throw new UncheckedIOException("keep the local administrator's key", e);
        }
    }

    private String read() throws IOException {
        if (!Files.getPosixFilePermissions(file).equals(PosixFilePermissions.fromString("rw-------"))) {
            throw new IOException(file + " must have mode 0600");
        }
        String read = Files.readString(file).strip();
        key = read;
        return read;
    }

    /** Whether the bearer's secret is the key; also while the database has not been reached since the start. */
    public boolean matches(String secret) {
        try {
            String known = key == null && Files.exists(file) ? read() : key;
            return known != null && Tokens256.same(known, secret);
        } catch (IOException e) {
            throw new UncheckedIOException("read the local administrator's key", e);
        }
    }
}
