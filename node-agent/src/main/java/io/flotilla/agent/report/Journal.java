package io.flotilla.agent.report;

import io.flotilla.agent.ledger.DurableFile;
import io.flotilla.agent.plan.AllocationState;
import io.flotilla.protocol.AllocEvent;
import io.flotilla.protocol.Codec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What has become of every allocation, and the events that say so until the control plane has stored them. A change of
 * state and its event are ONE line, synced before {@link #record} returns: so no crash can report an exit twice or lose
 * one. Sequence numbers run from 1 without gaps.
 *
 * <p>On disk: {@code checkpoint}, replaced by rename, and {@code journal}, appended to. A torn last line was never
 * acknowledged to anybody and is cut off. A {@code reserve} of some blocks is given up when the disk is full, so that
 * removing containers still works.
 */
public final class Journal implements AutoCloseable {

    private static final long COMPACT_AT_BYTES = 1 << 20;
    private static final int RESERVE_BYTES = 256 << 10;

    private final Path directory;
    private final Map<UUID, AllocationState> states = new HashMap<>();
    private final Deque<AllocEvent> pending = new ArrayDeque<>();
    private long lastSeq;
    /** Not a FileChannel: that would be closed under us when a thread is interrupted. */
    private final RandomAccessFile out;

    /** One line: an event with the state it leads to, or a state that was forgotten, or an acknowledgement. */
    private record Entry(
            @Nullable AllocEvent event,
            @Nullable AllocationState state,
            @Nullable UUID forgotten,
            @Nullable Long stored) {}

    private record Checkpoint(long lastSeq, List<AllocationState> states, List<AllocEvent> pending) {}

    private Journal(Path directory, RandomAccessFile out) {
        this.directory = directory;
        this.out = out;
    }

    /** Opens the journal in an existing directory, making its files if there are none. */
    public static Journal open(Path directory) throws IOException {
        Path file = directory.resolve("journal");
        Journal journal = new Journal(directory, new RandomAccessFile(file.toFile(), "rw"));
        journal.load();
        journal.replay(Files.readString(file, StandardCharsets.UTF_8));
        journal.makeReserve();
        return journal;
    }

    private void load() throws IOException {
        Path file = directory.resolve("checkpoint");
        if (Files.exists(file)) {
            Checkpoint checkpoint = Codec.decode(Files.readString(file), Checkpoint.class);
            lastSeq = checkpoint.lastSeq();
            checkpoint.states().forEach(state -> states.put(state.allocationId(), state));
            pending.addAll(checkpoint.pending());
        }
    }

    private void replay(String text) throws IOException {
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            apply(Codec.decode(text.substring(start, end), Entry.class));
            start = end + 1;
        }
        long whole = text.substring(0, start).getBytes(StandardCharsets.UTF_8).length;
        truncate(whole);
    }

    private void truncate(long length) throws IOException {
        out.setLength(length);
        out.seek(length);
    }

    /** Entries that a checkpoint already holds change nothing: compaction may be cut off after its rename. */
    private void apply(Entry entry) {
        AllocEvent event = entry.event();
        if (event != null && event.seq() > lastSeq) {
            lastSeq = event.seq();
            pending.add(event);
            if (entry.state() != null) {
                states.put(entry.state().allocationId(), entry.state());
            }
        }
        if (entry.forgotten() != null) {
            AllocationState state = states.get(entry.forgotten());
            if (state != null && state.removed()) {
                states.remove(entry.forgotten());
            }
        }
        if (entry.stored() != null) {
            drop(entry.stored());
        }
    }

    private void drop(long stored) {
        while (!pending.isEmpty() && pending.getFirst().seq() <= stored) {
            pending.removeFirst();
        }
    }

    /**
     * Records a new state and the event that reports it. Nothing happens when the state is the current one.
     *
     * @return the event; empty when nothing has changed
     */
    public synchronized Optional<AllocEvent> record(AllocationState next, Instant time) throws IOException {
        if (next.equals(states.get(next.allocationId()))) {
            return Optional.empty();
        }
        AllocEvent event = next.event(lastSeq + 1, time);
        append(new Entry(event, next, null, null));
        lastSeq = event.seq();
        pending.add(event);
        states.put(next.allocationId(), next);
        compactIfLong();
        return Optional.of(event);
    }

    /** Drops the state of an allocation that has been removed and is no longer named. */
    public synchronized void forget(UUID allocationId) throws IOException {
        AllocationState state = states.get(allocationId);
        if (state != null && state.removed()) {
            append(new Entry(null, null, allocationId, null));
            states.remove(allocationId);
            compactIfLong();
        }
    }

    /**
     * The control plane has stored every event up to this one. If it remembers more events than there were, this journal was
     * lost or put back: then numbers go on from there, and every state is reported anew, at the given time, since what was
     * sent under numbers of old was taken for known.
     */
    public synchronized void stored(long seq, Instant time) throws IOException {
        if (seq > lastSeq) {
            lastSeq = seq;
            pending.clear();
            states.values().forEach(state -> pending.add(state.event(++lastSeq, time)));
            compact();
        } else if (!pending.isEmpty() && pending.getFirst().seq() <= seq) {
            append(new Entry(null, null, null, seq));
            drop(seq);
            compactIfLong();
        }
    }

    /** Events with a higher seq than this that are not known to be stored, oldest first. */
    public synchronized List<AllocEvent> pendingAfter(long seq, int atMost) {
        List<AllocEvent> found = new ArrayList<>();
        for (AllocEvent event : pending) {
            if (event.seq() > seq && found.size() < atMost) {
                found.add(event);
            }
        }
        return found;
    }

    /** A copy of all states. */
    public synchronized Map<UUID, AllocationState> states() {
        return Map.copyOf(states);
    }

    /** The state of one allocation. */
    public synchronized Optional<AllocationState> state(UUID allocationId) {
        return Optional.ofNullable(states.get(allocationId));
    }

    private void append(Entry entry) throws IOException {
        byte[] line = (Codec.encode(entry) + "\n").getBytes(StandardCharsets.UTF_8);
        long start = out.getFilePointer();
        try {
            write(line, start);
        } catch (IOException e) {
            if (!Files.deleteIfExists(directory.resolve("reserve"))) {
                throw e;
            }
            write(line, start);
        }
    }

    /** A failed write leaves no half line behind that a later one would be glued to. */
    private void write(byte[] line, long start) throws IOException {
        try {
            out.write(line);
            out.getFD().sync();
        } catch (IOException e) {
            truncate(start);
            throw e;
        }
    }

    /** Comes after the change was applied, since the checkpoint replaces the line that says so. */
    private void compactIfLong() throws IOException {
        if (out.getFilePointer() > COMPACT_AT_BYTES) {
            compact();
        }
    }

    private void compact() throws IOException {
        Checkpoint checkpoint = new Checkpoint(lastSeq, List.copyOf(states.values()), List.copyOf(pending));
        DurableFile.write(directory.resolve("checkpoint"), Codec.encode(checkpoint));
        truncate(0);
        makeReserve();
    }

    private void makeReserve() throws IOException {
        Path reserve = directory.resolve("reserve");
        if (!Files.exists(reserve)) {
            byte[] filling = new byte[RESERVE_BYTES];
            // Not zeroes: some file systems would store those as a hole.
            java.util.Arrays.fill(filling, (byte) 'r');
            try {
                Files.write(reserve, filling);
            } catch (IOException e) {
                Files.deleteIfExists(reserve);
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
