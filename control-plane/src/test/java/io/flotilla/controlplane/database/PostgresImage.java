package io.flotilla.controlplane.database;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** What an image is built from: the embedded PostgreSQL's programs, this machine's shell and the libraries of both. */
final class PostgresImage {

    /** Runs PostgreSQL, which refuses to be root. */
    private static final int UID = 60900;

    /** Makes a cluster and becomes the server; PASSWORD and PORT come from the environment. Data is thrown away: no fsync. */
    private static final String DOCKERFILE = """
            FROM scratch
            ADD root.tar /
            USER %d:%d
            CMD ["/bin/sh", "-c", "printf %%s \\"$PASSWORD\\" >/data/password && \\
              /postgresql/bin/initdb --pgdata=/data/pg --username=postgres --pwfile=/data/password \\
                --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync && \\
              exec /postgresql/bin/postgres -D /data/pg -c port=\\"$PORT\\" -c listen_addresses=127.0.0.1 \\
                -c unix_socket_directories= -c shared_buffers=32MB -c io_method=sync \\
                -c fsync=off -c synchronous_commit=off -c full_page_writes=off"]
            """.formatted(UID, UID);

    private static final Path SHELL = Path.of("/bin/sh");
    private static final Pattern LIBRARY = Pattern.compile("(?:=> )?(/\\S+) \\(0x");

    private PostgresImage() {}

    /** A Dockerfile and the tar of the root directory, as a tar. */
    static byte[] context(Distribution programs) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            file(tar, "Dockerfile", DOCKERFILE.getBytes(StandardCharsets.UTF_8), 0644);
            file(tar, "root.tar", root(programs), 0644);
        }
        return bytes.toByteArray();
    }

    private static byte[] root(Distribution programs) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            directory(tar, "data/", 0700, UID);
            directory(tar, "tmp/", 01777, 0);
            String accounts = "root:x:0:0:root:/:/bin/sh\npostgres:x:" + UID + ":" + UID + "::/data:/bin/sh\n";
            file(tar, "etc/passwd", accounts.getBytes(StandardCharsets.UTF_8), 0644);
            for (Map.Entry<String, Path> each : files(programs).entrySet()) {
                Path from = each.getValue();
                if (Files.isSymbolicLink(from) && each.getKey().startsWith("postgresql/")) {
                    TarArchiveEntry link = new TarArchiveEntry(each.getKey(), TarConstants.LF_SYMLINK);
                    link.setLinkName(Files.readSymbolicLink(from).toString());
                    tar.putArchiveEntry(link);
                    tar.closeArchiveEntry();
                } else {
                    file(tar, each.getKey(), Files.readAllBytes(from), Files.isExecutable(from) ? 0755 : 0644);
                }
            }
        }
        return bytes.toByteArray();
    }

    /** Where each file lies in the image, and where it comes from. */
    private static Map<String, Path> files(Distribution programs) throws IOException {
        Map<String, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(programs.home())) {
            for (Path path : all.filter(each -> !Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                files.put("postgresql/" + programs.home().relativize(path), path);
            }
        }
        files.put("bin/sh", SHELL);
        for (Path program : List.of(programs.program("postgres"), programs.program("initdb"), SHELL)) {
            for (Path library : libraries(program)) {
                if (!library.startsWith(programs.home())) {
                    files.put(library.toString().substring(1), library);
                }
            }
        }
        return files;
    }

    private static List<Path> libraries(Path program) throws IOException {
        Process ldd = new ProcessBuilder("ldd", program.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(ldd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (output.contains("not found")) {
            throw new IOException(program + " lacks a library: " + output);
        }
        Matcher matcher = LIBRARY.matcher(output);
        return matcher.results()
                .map(found -> Path.of(found.group(1)).normalize())
                .toList();
    }

    private static void directory(TarArchiveOutputStream tar, String name, int mode, int owner) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(mode);
        entry.setIds(owner, owner);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private static void file(TarArchiveOutputStream tar, String name, byte[] content, int mode) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(mode);
        entry.setIds(0, 0);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
