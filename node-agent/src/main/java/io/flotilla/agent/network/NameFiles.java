package io.flotilla.agent.network;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The files that a container has as /etc/hosts and /etc/resolv.conf, by bind mounts. Some of their lines follow the node's
 * other containers and the host's resolvers for as long as it runs, and work while the agent is away; all else in them is
 * the container's own, and so are the files once it has removed the comments around those lines.
 */
public record NameFiles(Path hosts, Path resolvConf) {

    private static final String LOCALHOST = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            """;
    private static final String BEGIN = "# kept by Flotilla:\n";
    private static final String END = "# the container's own:\n";

    /** More than any list of peers; a container can make its file as long as the disk. */
    private static final int LONGEST = 1 << 20;

    /** Between the comments that mark what is kept up to date. */
    static String kept(String lines) {
        return BEGIN + lines + END;
    }

    /** /etc/hosts of a container: itself, then its peers by address. */
    static String hosts(Attachment own, Collection<Attachment> peers) {
        var text = new StringBuilder();
        line(text, own);
        peers.stream()
                .filter(peer ->
                        peer.team().equals(own.team()) && !peer.containerId().equals(own.containerId()))
                .sorted((a, b) -> a.address().compareTo(b.address()))
                .forEach(peer -> line(text, peer));
        return LOCALHOST + kept(text.toString());
    }

    private static void line(StringBuilder text, Attachment attachment) {
        text.append(attachment.address())
                .append('\t')
                .append(String.join(" ", attachment.names()))
                .append('\n');
    }

    /** What is there with the kept lines of another text; empty if it has none any more. */
    static Optional<String> renewed(String present, String text) {
        int begin = present.indexOf(BEGIN);
        int end = present.indexOf(END, Math.max(begin, 0));
        return begin < 0 || end < 0
                ? Optional.empty()
                : Optional.of(present.substring(0, begin)
                        + text.substring(text.indexOf(BEGIN), text.indexOf(END))
                        + present.substring(end));
    }

    /** Makes what is not there yet. */
    void make() throws IOException {
        for (Path file : List.of(hosts, resolvConf)) {
            if (!Files.exists(file)) {
                Files.createDirectories(Objects.requireNonNull(file.getParent()));
                Files.createFile(file);
            }
        }
    }

    /** A bind mount shows the file, not its name, so it is written in place: one write, then the rest is cut off. */
    static void replace(Path file, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), 0);
            channel.truncate(bytes.length);
        }
    }

    /** Writes only what differs; a container that is gone meanwhile has no files any more. */
    static void update(Path file, String text) throws IOException {
        try {
            String present = read(file);
            Optional<String> wanted = present.length() > LONGEST ? Optional.empty() : renewed(present, text);
            if (wanted.isPresent() && !wanted.get().equals(present)) {
                replace(file, wanted.get());
            }
        } catch (NoSuchFileException e) {
            return;
        }
    }

    /** One byte, one character: a container may write what is no text. */
    private static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(LONGEST + 1), StandardCharsets.ISO_8859_1);
        }
    }
}
