package io.flotilla.controlplane.audit;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Heads of the chain that were kept outside of the database. */
final class Heads {

    private static final Pattern LINE = Pattern.compile("[1-9][0-9]{0,17} [0-9a-f]{64}");

    private final Map<Long, String> hashes = new HashMap<>();
    private AuditHead last = new AuditHead(0, Chain.START);

    /** Empty if there is no such file. A line that a crash cut short is passed over. */
    static Heads read(Path file) throws IOException {
        Heads heads = new Heads();
        if (Files.exists(file)) {
            try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (LINE.matcher(line).matches()) {
                        int space = line.indexOf(' ');
                        heads.add(new AuditHead(Long.parseLong(line.substring(0, space)), line.substring(space + 1)));
                    }
                }
            }
        }
        return heads;
    }

    /** The first hash that was kept for a seq counts: later lines cannot unsay it. */
    void add(AuditHead head) {
        hashes.putIfAbsent(head.seq(), head.hash());
        if (head.seq() > last.seq()) {
            last = head;
        }
    }

    @Nullable
    String hash(long seq) {
        return seq == 0 ? Chain.START : hashes.get(seq);
    }

    /** The highest; seq 0 if there is none. */
    AuditHead last() {
        return last;
    }

    long size() {
        return hashes.size();
    }
}
