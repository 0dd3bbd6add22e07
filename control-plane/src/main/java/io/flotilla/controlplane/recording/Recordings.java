package io.flotilla.controlplane.recording;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditEntry;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.AuditQuery;
import io.flotilla.controlplane.audit.AuditReview;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.OnDatabaseReady;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.id.Ids;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Service;

/** Begins, closes, shows and removes recordings. */
@Service
public class Recordings implements OnDatabaseReady, SmartLifecycle {

    /** The entry that proves a recording. */
    static final String END = "terminal.end";

    static final String REMOVE = "recording.remove";

    private static final Logger LOG = LoggerFactory.getLogger(Recordings.class);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(10);
    private static final int TRIES_PER_PRUNING = 360;

    /** What the end's entry says. */
    record Facts(
            UUID recording,
            UUID keeper,
            @Nullable List<String> command,
            @Nullable String user,
            String started,
            String ended,
            String ending,
            @Nullable Integer exitCode,
            long bytes,
            @Nullable String sha256,
            @Nullable String flaw) {}

    private record Unclosed(Recording ended, Actor actor) {}

    private final RecordingStore store;
    private final RecordingFiles files;
    private final AuditLog audit;
    private final AuditReview review;
    private final Transactions transactions;
    private final Ids ids;
    private final Clock clock;
    private final Settings.Terminals limits;
    private final Set<UUID> alive = ConcurrentHashMap.newKeySet();
    private final Map<UUID, Unclosed> unclosed = new ConcurrentHashMap<>();
    private volatile @Nullable Thread keeper;

    Recordings(
            RecordingStore store,
            RecordingFiles files,
            AuditLog audit,
            AuditReview review,
            Transactions transactions,
            Ids ids,
            Clock clock,
            Settings settings) {
        this.store = store;
        this.files = files;
        this.audit = audit;
        this.review = review;
        this.transactions = transactions;
        this.ids = ids;
        this.clock = clock;
        limits = settings.terminals();
    }

    /**
     * Begins a recording, in one transaction with the entry that says that a terminal was opened: a terminal can change
     * anything in the container, so it is audited before it opens.
     *
     * @param action the entry's action
     * @param details what the entry keeps
     */
    public Recorder begin(Actor actor, String action, Recording.Subject subject, @Nullable Object details) {
        Recording begun = Recording.begun(ids.next(), actor, subject, files.keeper(), clock.instant());
        alive.add(begun.id());
        try {
            transactions.run(() -> {
                store.insert(begun);
                audit.record(actor, action, target(begun), null, details);
            });
        } catch (RuntimeException e) {
            alive.remove(begun.id());
            throw e;
        }
        String title = begun.actor() + " in " + begun.allocation();
        byte[] header = Asciicast.header(subject.columns(), subject.rows(), begun.startedAt(), title, begun.command());
        CastFile file = CastFile.create(files.of(begun.id()), header, limits.recordingBytes(), System::nanoTime);
        return new Recorder(this, begun, actor, file);
    }

    void ended(Recording begun, Actor actor, Ending ending, @Nullable Integer code, CastFile.Kept kept) {
        Recording ended = begun.ended(clock.instant(), ending, code, kept);
        unclosed.put(ended.id(), new Unclosed(ended, actor));
        closeAll();
    }

    private void closeAll() {
        for (Unclosed each : List.copyOf(unclosed.values())) {
            try {
                close(each.ended(), each.actor());
                unclosed.remove(each.ended().id());
                alive.remove(each.ended().id());
            } catch (RuntimeException e) {
                LOG.warn(
                        "the end of recording {} is not in the database yet",
                        each.ended().id(),
                        e);
            }
        }
    }

    private void close(Recording ended, Actor actor) {
        transactions.run(() -> {
            if (store.end(ended)) {
                audit.record(actor, END, target(ended), null, facts(ended));
            }
        });
    }

    private static Target target(Recording recording) {
        return Target.of("allocation", recording.allocationId(), recording.allocation(), recording.teamId());
    }

    private static Facts facts(Recording ended) {
        return new Facts(
                ended.id(),
                ended.keeper(),
                ended.command(),
                ended.runAs(),
                ended.startedAt().toString(),
                String.valueOf(ended.endedAt()),
                ended.ending() == null ? "" : ended.ending().word(),
                ended.exitCode(),
                ended.bytes(),
                ended.sha256(),
                ended.flaw());
    }

    /** Closes what an earlier process of this data directory left open. */
    @Override
    public void databaseReady() {
        for (Recording left : store.alive(files.keeper())) {
            if (!alive.contains(left.id())) {
                close(left.ended(clock.instant(), Ending.INTERRUPTED, null, salvaged(left)), Actor.system());
            }
        }
    }

    private CastFile.Kept salvaged(Recording left) {
        String flaw = "interrupted: the control plane ended before the terminal did";
        try {
            return CastFile.salvage(files.of(left.id()), flaw);
        } catch (IOException e) {
            return new CastFile.Kept(0, null, flaw + "; the file cannot be read: " + e.getMessage());
        }
    }

    /** Newest first. */
    public List<Recording> list(@Nullable UUID before, int limit) {
        return store.list(before, limit);
    }

    /** @throws ProblemException if there is none */
    public Recording get(UUID id) {
        return store.find(id).orElseThrow(() -> ProblemException.notFound("recording", id.toString()));
    }

    /** What comparing the file with the log shows. */
    public Proof proof(Recording recording) {
        if (recording.endedAt() == null) {
            return Proof.ALIVE;
        }
        if (recording.removedAt() != null) {
            return Proof.REMOVED;
        }
        if (!recording.keeper().equals(files.keeper())) {
            return Proof.ELSEWHERE;
        }
        if (!Files.exists(files.of(recording.id()))) {
            return Proof.MISSING;
        }
        try {
            String written = "\"sha256\":\"" + CastFile.hash(files.of(recording.id())) + "\"";
            return entry(recording.id())
                            .map(AuditEntry::after)
                            .filter(text -> text.contains(written))
                            .isPresent()
                    ? Proof.WHOLE
                    : Proof.CHANGED;
        } catch (IOException e) {
            return Proof.MISSING;
        }
    }

    private Optional<AuditEntry> entry(UUID recording) {
        AuditQuery query = new AuditQuery(null, END, null, null, null, null, "\"recording\":\"" + recording + "\"");
        return review.find(query, null, 1).stream().findFirst();
    }

    /**
     * The file, for somebody who is about to read it; who reviews is reviewed, too.
     *
     * @throws ProblemException if it is not there to be read
     */
    public Path read(Actor actor, UUID id) {
        Recording recording = get(id);
        if (recording.endedAt() == null) {
            throw ProblemException.conflict(
                    null, "the terminal is still open; its recording can be read when it has ended");
        }
        if (recording.removedAt() != null) {
            throw ProblemException.notFound("recording kept any more", id.toString());
        }
        if (!recording.keeper().equals(files.keeper())) {
            throw ProblemException.unavailable("another control plane has the file of this recording");
        }
        Path file = files.of(id);
        if (!Files.isReadable(file)) {
            throw ProblemException.notFound("file of recording", id.toString());
        }
        transactions.run(() -> audit.record(actor, "recording.read", own(recording), null, null));
        return file;
    }

    private static Target own(Recording recording) {
        return Target.of("recording", recording.id(), recording.allocation(), recording.teamId());
    }

    /** Removes what is too old, too many or too large. */
    void prune() {
        for (UUID id : Retention.excess(store.held(files.keeper()), limits, clock.instant())) {
            Recording recording = get(id);
            transactions.run(() -> {
                if (store.removed(id, clock.instant())) {
                    audit.record(Actor.system(), REMOVE, own(recording), facts(recording), null);
                    delete(files.of(id));
                }
            });
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("recording " + file + " cannot be deleted: " + e.getMessage(), e);
        }
    }

    @Override
    public void start() {
        Thread loop = Thread.ofVirtual().name("recordings").unstarted(this::keep);
        keeper = loop;
        loop.start();
    }

    @Override
    public void stop() {
        Thread running = keeper;
        keeper = null;
        if (running != null) {
            running.interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return keeper != null;
    }

    private void keep() {
        for (int round = 1; keeper != null; round++) {
            try {
                Thread.sleep(TRY_AGAIN);
                closeAll();
                if (round % TRIES_PER_PRUNING == 1) {
                    prune();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("recordings could not be looked after; again in {} s", TRY_AGAIN.toSeconds(), e);
            }
        }
    }
}
