package io.flotilla.agent.network;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;

/**
 * The files that a container has as /etc/hosts and /etc/resolv.conf, by read-only bind mounts: they follow the node's
 * other containers and the host's resolvers for as long as it runs, and work while the agent is away.
 */
public record NameFiles(Path hosts, Path resolvConf) {

    private static final String LOCALHOST = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            """;

    /** /etc/hosts of a container: itself, then its peers by address. */
    static String hosts(Attachment own, Collection<Attachment> peers) {
        var text = new StringBuilder(LOCALHOST);
        line(text, own);
        peers.stream()
                .filter(peer ->
                        peer.team().equals(own.team()) && !peer.containerId().equals(own.containerId()))
                .sorted((a, b) -> a.address().compareTo(b.address()))
                .forEach(peer -> line(text, peer));
        return text.toString();
    }

    private static void line(StringBuilder text, Attachment attachment) {
        text.append(attachment.address())
                .append('\t')
                .append(String.join(" ", attachment.names()))
                .append('\n');
    }

    /** A bind mount shows the file, not its name, so it is written in place: one write, then the rest is cut off. */
    static void replace(Path file, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), 0);
            channel.truncate(bytes.length);
        }
    }

    /** Writes only what differs; a container that is gone meanwhile has no files any more. */
    static void update(Path file, String text) throws IOException {
        try {
            if (!Files.readString(file).equals(text)) {
                replace(file, text);
            }
        } catch (NoSuchFileException e) {
            return;
        }
    }
}
