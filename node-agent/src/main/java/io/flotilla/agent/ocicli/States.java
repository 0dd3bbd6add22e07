package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The containers below one {@code --root}: a directory each, for root's eyes only. It is made before anything else of a container
 * and removed after everything else.
 */
record States(Path root) {

    private static final String STATE = "state.json";
    private static final String LOCK = "lock";
    private static final int LONGEST_ID = 128;
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** The spec as it was when the container was made: bundles may vanish. */
    static final String CONFIG = "config.json";

    Path directory(String id) throws Refused {
        boolean good = !id.isEmpty() && id.length() <= LONGEST_ID && !id.equals(".") && !id.equals("..");
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            good &= letter || "_+-.".indexOf(c) >= 0;
        }
        if (!good) {
            throw new Refused("invalid container ID format: \"" + id
                    + "\"; letters, digits and _ + - . may be used, at most " + LONGEST_ID + " of them");
        }
        return root.resolve(id);
    }

    /** Makes a container's directory. */
    Path make(String id) throws IOException {
        Path directory = directory(id);
        Files.createDirectories(root, PRIVATE);
        try {
            Files.createDirectory(directory, PRIVATE);
            return directory;
        } catch (FileAlreadyExistsException e) {
            throw new Refused("container with given ID already exists", e);
        }
    }

    /** Held by whoever changes a container. Others wait. */
    FileChannel lock(String id) throws IOException {
        try {
            FileChannel channel =
                    FileChannel.open(directory(id).resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.lock();
            if (!Files.exists(directory(id).resolve(LOCK))) {
                channel.close(); // it was deleted while this waited
                throw Refused.noSuchContainer();
            }
            return channel;
        } catch (NoSuchFileException e) {
            throw Refused.noSuchContainer();
        }
    }

    ContainerState load(String id) throws IOException {
        Path file = directory(id).resolve(STATE);
        try {
            return ContainerState.read(file.toString(), Files.readString(file));
        } catch (NoSuchFileException e) {
            throw Refused.noSuchContainer();
        }
    }

    void save(ContainerState state) throws IOException {
        replace(directory(state.id()).resolve(STATE), state.write());
    }

    Status status(ContainerState state) throws IOException {
        return Status.of(state, directory(state.id()));
    }

    /** Those whose making has come so far that there is something to say of them, by id. */
    List<String> ids() throws IOException {
        List<String> ids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                if (Files.exists(entry.resolve(STATE))) {
                    ids.add(String.valueOf(entry.getFileName()));
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        Collections.sort(ids);
        return ids;
    }

    /** Removes a container's directory, which is flat. */
    void remove(String id) throws IOException {
        Path directory = directory(id);
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(files::add);
        } catch (NoSuchFileException e) {
            return;
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(directory);
    }

    /** Writes a file as a whole: a reader sees the old text or the new. */
    static void replace(Path file, String text) throws IOException {
        Path draft = file.resolveSibling("." + file.getFileName());
        Files.writeString(draft, text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
