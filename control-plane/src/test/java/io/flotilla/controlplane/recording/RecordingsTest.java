package io.flotilla.controlplane.recording;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.AuditReview;
import io.flotilla.controlplane.audit.Finding;
import io.flotilla.controlplane.audit.Verdict;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.id.Ids;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of recordings when the control plane is killed, when somebody changes them, and when there are too many. */
class RecordingsTest {

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    private static final Actor ROOT = Actor.localRoot("test");

    private Recordings recordings;
    private RecordingFiles files;

    @BeforeEach
    void find() {
        recordings = plane.bean(Recordings.class);
        files = plane.bean(RecordingFiles.class);
    }

    private Recorder begin() {
        return recordings.begin(
                ROOT,
                "terminal.open",
                new Recording.Subject(UUID.randomUUID(), "web 1", UUID.randomUUID(), List.of("sh"), null, 80, 24),
                null);
    }

    private Recording newest() {
        return recordings.list(null, 1).getFirst();
    }

    private Recording ended() {
        Recorder recorder = begin();
        recorder.output("secret handshake".getBytes(StandardCharsets.UTF_8));
        recorder.end(Ending.EXITED, 0);
        return newest();
    }

    private static Verdict verify() {
        return plane.bean(AuditReview.class).verify();
    }

    /** As a process that starts on the same data, with other limits. */
    private Recordings another(Settings.Terminals limits) {
        Settings settings = new Settings(plane.settings().data(), 0, 0, null, null, null, null, limits);
        return new Recordings(
                plane.bean(RecordingStore.class),
                files,
                plane.bean(AuditLog.class),
                plane.bean(AuditReview.class),
                plane.bean(Transactions.class),
                plane.bean(Ids.class),
                plane.bean(Clock.class),
                settings);
    }

    @Test
    void aKilledControlPlanesRecordingIsClosedAsInterruptedByTheNextOne() throws IOException {
        Recorder recorder = begin();
        recorder.output("half a sentence".getBytes(StandardCharsets.UTF_8));
        UUID id = newest().id();
        Files.writeString(files.of(id), "[9.0,\"o\",\"torn", StandardOpenOption.APPEND);

        another(Settings.Terminals.USUAL).databaseReady();

        Recording closed = recordings.get(id);
        assertThat(closed.ending()).isEqualTo(Ending.INTERRUPTED);
        assertThat(closed.flaw()).contains("interrupted");
        assertThat(Files.readString(files.of(id))).contains("half a sentence").endsWith("]\n");
        assertThat(recordings.proof(closed)).isEqualTo(Proof.WHOLE);
        assertThat(verify().ok()).isTrue();
    }

    @Test
    void anOpenTerminalIsNotTakenForALeftOne() {
        Recorder recorder = begin();
        UUID id = newest().id();

        recordings.databaseReady();

        assertThat(recordings.get(id).endedAt()).isNull();
        recorder.end(Ending.LEFT, null);
        assertThat(recordings.get(id).ending()).isEqualTo(Ending.LEFT);
    }

    @Test
    void aChangedRecordingIsFoundAndNamed() throws IOException {
        Recording recording = ended();
        Path file = files.of(recording.id());
        String written = Files.readString(file);
        assertThat(recordings.proof(recording)).isEqualTo(Proof.WHOLE);

        Files.writeString(file, written.replace("handshake", "handsheik"));

        assertThat(recordings.proof(recording)).isEqualTo(Proof.CHANGED);
        assertThat(verify().findings()).extracting(Finding::kind).containsExactly(Finding.Kind.RECORDING);
        assertThat(verify().findings().getFirst().detail()).contains("was changed afterwards");

        Files.delete(file);
        assertThat(recordings.proof(recording)).isEqualTo(Proof.MISSING);
        assertThat(verify().findings().getFirst().detail()).contains("is gone");

        Files.writeString(file, written);
        assertThat(verify().ok()).isTrue();
    }

    @Test
    void whatRetentionRemovesIsAuditedAndNoFinding() {
        Recording older = ended();
        Recording newer = ended();

        another(new Settings.Terminals(Duration.ZERO, 4096, 1, 1, 1 << 20)).prune();

        assertThat(files.of(older.id())).doesNotExist();
        assertThat(files.of(newer.id())).exists();
        assertThat(recordings.proof(recordings.get(older.id()))).isEqualTo(Proof.REMOVED);
        assertThat(verify().ok()).isTrue();
    }
}
