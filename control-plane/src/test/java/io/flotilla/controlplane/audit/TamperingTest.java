package io.flotilla.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Each attack is made as the owner of the tables, and each is named by the check in the database and offline. */
class TamperingTest {

    @RegisterExtension
    static final TestDatabase database = new TestDatabase();

    private static final int ENTRIES = 10;

    private final AuditStore store = new AuditStore(database.jdbc());
    private final Heads heads = new Heads();

    @TempDir
    Path directory = Path.of("");

    @BeforeEach
    void writeTenEntries() throws SQLException {
        asOwner("TRUNCATE audit_entries", "UPDATE audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex')");
        for (int i = 1; i <= ENTRIES; i++) {
            Target target = Target.of("workload", UUID.randomUUID(), "workload-" + i);
            database.transactions()
                    .run(() -> database.audit().record(database.admin(), "workload.create", target, null, target));
            heads.add(store.head());
        }
    }

    private static void asOwner(String... statements) throws SQLException {
        try (Connection connection = database.asOwner();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private Verdict verify(Heads kept) {
        Verification verification = new Verification(kept);
        store.after(0, 1000).forEach(verification::entry);
        return verification.end(store.head());
    }

    private Verdict verifyOffline(boolean withHeads) throws IOException {
        JsonMapper mapper = JsonMapper.builder().build();
        Path export = directory.resolve("export.jsonl");
        List<String> lines = new ArrayList<>();
        store.after(0, 1000).forEach(entry -> lines.add(mapper.writeValueAsString(entry)));
        Files.write(export, lines);
        Path kept = directory.resolve("heads");
        StringBuilder text = new StringBuilder();
        for (long seq = 1; seq <= ENTRIES; seq++) {
            text.append(seq).append(' ').append(heads.hash(seq)).append('\n');
        }
        Files.writeString(kept, text);
        return ExportCheck.verify(export, withHeads ? kept : null);
    }

    private void bothFind(Finding.Kind kind, long seq) throws IOException {
        for (Verdict verdict : List.of(verify(heads), verifyOffline(true))) {
            assertThat(verdict.ok()).isFalse();
            assertThat(verdict.findings()).singleElement().satisfies(finding -> {
                assertThat(finding.kind()).isEqualTo(kind);
                assertThat(finding.seq()).isEqualTo(seq);
            });
        }
    }

    @Test
    void acceptsTheUntouchedLog() throws IOException {
        assertThat(verify(heads)).isEqualTo(new Verdict(true, ENTRIES, ENTRIES, List.of()));
        assertThat(verifyOffline(true).ok()).isTrue();
        assertThat(verifyOffline(false).ok()).isTrue();
    }

    @Test
    void namesAFlippedValue() throws Exception {
        asOwner("UPDATE audit_entries SET result = 'refused' WHERE seq = 4");
        bothFind(Finding.Kind.ALTERED, 4);
    }

    @Test
    void namesAFlippedHash() throws Exception {
        asOwner("UPDATE audit_entries SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE seq = 10");
        assertThat(verify(heads).findings()).extracting(Finding::kind).contains(Finding.Kind.ALTERED);
        assertThat(verifyOffline(false).ok()).isFalse();
    }

    @Test
    void namesAnEntryDeletedInTheMiddle() throws Exception {
        asOwner("DELETE FROM audit_entries WHERE seq = 5");
        bothFind(Finding.Kind.DELETED, 5);
    }

    @Test
    void namesADeletedTail() throws Exception {
        asOwner("DELETE FROM audit_entries WHERE seq > 7");
        bothFind(Finding.Kind.TAIL_DELETED, 8);
    }

    @Test
    void namesADeletedTailEvenIfTheHeadWasMovedBack() throws Exception {
        asOwner(
                "DELETE FROM audit_entries WHERE seq > 7",
                "UPDATE audit_head SET seq = 7, hash = (SELECT hash FROM audit_entries WHERE seq = 7)");
        bothFind(Finding.Kind.TAIL_DELETED, 8);
    }

    @Test
    void namesSwappedEntries() throws Exception {
        asOwner(
                "UPDATE audit_entries SET seq = -3 WHERE seq = 3",
                "UPDATE audit_entries SET seq = 3 WHERE seq = 8",
                "UPDATE audit_entries SET seq = 8 WHERE seq = -3");
        bothFind(Finding.Kind.SWAPPED, 3);
    }

    @Test
    void namesSwappedNeighbours() throws Exception {
        asOwner(
                "UPDATE audit_entries SET seq = -3 WHERE seq = 3",
                "UPDATE audit_entries SET seq = 3 WHERE seq = 4",
                "UPDATE audit_entries SET seq = 4 WHERE seq = -3");
        assertThat(verify(heads).findings()).extracting(Finding::kind).contains(Finding.Kind.SWAPPED);
    }

    @Test
    void namesTruncation() throws Exception {
        asOwner("TRUNCATE audit_entries");
        bothFind(Finding.Kind.TRUNCATED, 1);
    }

    @Test
    void namesTruncationEvenIfTheHeadWasSetBack() throws Exception {
        asOwner("TRUNCATE audit_entries", "UPDATE audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex')");
        bothFind(Finding.Kind.TRUNCATED, 1);
    }

    @Test
    void namesWhereAConsistentChainWasWrittenAnew() throws Exception {
        asOwner(
                "CREATE TEMP TABLE old AS SELECT * FROM audit_entries",
                "DELETE FROM audit_entries WHERE seq >= 6",
                "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit_entries WHERE seq = 5)",
                """
                SELECT count(*) FROM (SELECT audit_append(at, actor_kind, actor_id, 'somebody-else', source, action, target_kind,
                  target_id, target_name, team_id, result, reason, before, after)
                  FROM (SELECT * FROM old WHERE seq >= 6 ORDER BY seq OFFSET 0) AS o) AS c""");
        bothFind(Finding.Kind.REWRITTEN, 6);
    }

    @Test
    void namesALineOfAnExportThatIsNoEntry() throws Exception {
        Path export = directory.resolve("broken.jsonl");
        Files.writeString(export, "{\"seq\":1,\n");
        assertThat(ExportCheck.verify(export, null).findings())
                .singleElement()
                .extracting(Finding::kind)
                .isEqualTo(Finding.Kind.UNREADABLE);
    }
}
