package io.flotilla.controlplane.node;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * How long each node has been silent, by this process's monotonic clock: it sees signs of life in its own sessions and
 * by the beats that other replicas write, and never compares anybody's wall clock.
 */
@Component
public class Liveness {

    /**
     * What is known of one node.
     *
     * @param since when it was last heard, or when it was first looked for
     * @param elsewhere whether the last to hear it was another replica
     */
    private record Sign(long beat, boolean heard, long since, boolean elsewhere) {}

    /**
     * A node's silence.
     *
     * @param heard whether it was heard at all since this process began to listen
     */
    public record Silence(boolean heard, Duration duration) {}

    /** A node that has nothing to say is asked, and so heard, every five seconds; one answer may be late. */
    private static final Duration RECENTLY = Duration.ofSeconds(12);

    private final Map<UUID, Sign> signs = new ConcurrentHashMap<>();
    private final Set<UUID> unwritten = ConcurrentHashMap.newKeySet();
    private final Consumer<Collection<UUID>> write;
    private final Supplier<Map<UUID, Long>> read;
    private final LongSupplier nanos;

    @Autowired
    Liveness(NodeStore store) {
        this(store::beat, store::beats, System::nanoTime);
    }

    /**
     * @param write adds one to the beats of these nodes
     * @param read the beats of all nodes
     */
    Liveness(Consumer<Collection<UUID>> write, Supplier<Map<UUID, Long>> read, LongSupplier nanos) {
        this.write = write;
        this.read = read;
        this.nanos = nanos;
    }

    /** The node said something in a session of this process. */
    public void heard(UUID nodeId) {
        long now = nanos.getAsLong();
        signs.compute(nodeId, (id, sign) -> new Sign(sign == null ? -1 : sign.beat(), true, now, false));
        unwritten.add(nodeId);
    }

    /** Writes this process's signs of life and reads the others'. Blocking; to be called about every second. */
    public void exchange() {
        Set<UUID> mine = new HashSet<>(unwritten);
        unwritten.removeAll(mine);
        if (!mine.isEmpty()) {
            write.accept(mine);
        }
        Map<UUID, Long> beats = read.get();
        long now = nanos.getAsLong();
        beats.forEach((id, beat) -> signs.compute(id, (key, sign) -> {
            if (sign == null) {
                return new Sign(beat, false, now, false);
            }
            if (sign.beat() == beat) {
                return sign;
            }
            // The first beat that is read says nothing: it may be from before this process began.
            boolean first = sign.beat() < 0;
            boolean own = mine.contains(key);
            boolean elsewhere = !first && !own;
            return new Sign(beat, sign.heard() || elsewhere, elsewhere ? now : sign.since(), elsewhere);
        }));
        signs.keySet().retainAll(union(beats.keySet(), unwritten));
    }

    private static Set<UUID> union(Collection<UUID> some, Collection<UUID> others) {
        Set<UUID> all = new HashSet<>(some);
        all.addAll(others);
        return all;
    }

    /** A node that was never looked for counts as silent from now on. */
    public Silence silence(UUID nodeId) {
        long now = nanos.getAsLong();
        Sign sign = signs.computeIfAbsent(nodeId, id -> new Sign(-1, false, now, false));
        return new Silence(sign.heard(), Duration.ofNanos(now - sign.since()));
    }

    /** Whether another replica has heard the node in the last seconds, and this one has not. */
    public boolean elsewhere(UUID nodeId) {
        Sign sign = signs.get(nodeId);
        return sign != null && sign.elsewhere() && nanos.getAsLong() - sign.since() < RECENTLY.toNanos();
    }

    /** All known silences. */
    public Map<UUID, Silence> all() {
        Map<UUID, Silence> all = new HashMap<>();
        signs.keySet().forEach(id -> all.put(id, silence(id)));
        return all;
    }
}
