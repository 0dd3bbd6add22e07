package io.flotilla.agent.network;

import io.flotilla.protocol.Codec;
import io.flotilla.protocol.PortMapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Attachments on disk, a directory for each. A record is replaced by rename, which a crash of the agent cannot tear; it is
 * not synced, since a power cut ends the containers too. The containers' name files lie elsewhere: what a container writes
 * must not fill a runtime directory, which the host keeps in memory.
 */
final class AttachmentStore {

    private static final String RECORD = "attachment.json";

    private final Path directory;
    private final Path names;

    AttachmentStore(Path directory, Path names) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.names = names;
    }

    NameFiles nameFiles(String containerId) {
        Path own = names.resolve(containerId);
        return new NameFiles(own.resolve("hosts"), own.resolve("resolv.conf"));
    }

    void save(Attachment attachment) throws IOException {
        Path home = Files.createDirectories(of(attachment.containerId()));
        Path draft = home.resolve(RECORD + ".new");
        Files.writeString(draft, Codec.encode(Stored.of(attachment)));
        Files.move(draft, home.resolve(RECORD), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Whatever is not readable is removed: its container's link is found by its name and swept. */
    List<Attachment> load() throws IOException {
        var result = new ArrayList<Attachment>();
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(directory)) {
            for (Path home : homes) {
                try {
                    result.add(Codec.decode(Files.readString(home.resolve(RECORD)), Stored.class)
                            .toAttachment());
                } catch (NoSuchFileException | IllegalArgumentException e) {
                    removeTree(home);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return result;
    }

    void remove(String containerId) throws IOException {
        removeTree(of(containerId));
    }

    /** Removes everything. */
    void clear() throws IOException {
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(directory)) {
            for (Path home : homes) {
                removeTree(home);
            }
        }
        Files.deleteIfExists(directory);
    }

    private Path of(String containerId) {
        return directory.resolve(containerId);
    }

    private static void removeTree(Path home) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(home)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            return;
        }
        Files.deleteIfExists(home);
    }

    /** The record's JSON: addresses as people write them. */
    record Stored(
            String containerId,
            String address,
            String subnet,
            String hostName,
            String team,
            List<String> aliases,
            List<PortMapping> ports,
            long namespaceInode) {

        static Stored of(Attachment attachment) {
            return new Stored(
                    attachment.containerId(),
                    attachment.address().toString(),
                    attachment.subnet().toString(),
                    attachment.hostName(),
                    attachment.team(),
                    attachment.aliases(),
                    attachment.ports(),
                    attachment.namespaceInode());
        }

        Attachment toAttachment() {
            return new Attachment(
                    containerId,
                    Ipv4.parse(address),
                    Subnet.parse(subnet),
                    hostName,
                    team,
                    aliases,
                    ports,
                    namespaceInode);
        }
    }
}
