package io.flotilla.controlplane.recording;

import io.flotilla.controlplane.database.Directories;
import io.flotilla.controlplane.database.PrivateFile;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Where recordings lie: one directory, with a file that names it, since control planes may share a database but no disk. */
@Component
class RecordingFiles {

    private final Path directory;
    private final UUID keeper;

    RecordingFiles(Settings settings) {
        directory = settings.privateDirectory().resolve("recordings");
        try {
            Directories.ensure(directory, "rwx------");
            Path name = directory.resolve("keeper");
            if (!Files.exists(name)) {
                PrivateFile.write(name, UUID.randomUUID() + "\n");
            }
            keeper = UUID.fromString(Files.readString(name).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("the directory of recordings cannot be used: " + e.getMessage(), e);
        }
    }

    UUID keeper() {
        return keeper;
    }

    Path of(UUID recording) {
        return directory.resolve(recording + ".cast");
    }
}
