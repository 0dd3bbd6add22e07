package io.flotilla.controlplane.reconcile;

import java.time.Duration;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One replica's view of who leads. A holder is given up when its beat has stood still for {@link #PATIENCE} by this
 * replica's monotonic clock; whoever takes over raises the epoch, and the old holder's transactions then find their
 * fence gone. Not thread-safe: one loop owns it.
 */
final class Leadership {

    static final Duration PATIENCE = Duration.ofSeconds(3);

    private final LeaderStore store;
    private final UUID self;
    private final LongSupplier nanos;
    private LeaderStore.@Nullable Row seen;
    private long seenAt;
    private long epoch = -1;

    Leadership(LeaderStore store, UUID self, LongSupplier nanos) {
        this.store = store;
        this.self = self;
        this.nanos = nanos;
    }

    /** Whether this replica leads now; takes over when it may. To be called about every second. */
    boolean lead() {
        if (epoch >= 0 && store.beat(epoch)) {
            return true;
        }
        epoch = -1;
        LeaderStore.Row row = store.read();
        boolean free = row.holder().isEmpty();
        if (!row.equals(seen)) {
            seen = row;
            seenAt = nanos.getAsLong();
        }
        boolean silent = nanos.getAsLong() - seenAt >= PATIENCE.toNanos();
        if ((free || silent) && store.take(row, self)) {
            epoch = row.epoch() + 1;
            return true;
        }
        return false;
    }

    /** In a transaction: holds off a takeover until it ends; false if the lead is lost already. */
    boolean fence() {
        return epoch >= 0 && store.fence(epoch);
    }

    /** Lets others take over at once. */
    void release() {
        if (epoch >= 0) {
            store.release(epoch);
            epoch = -1;
        }
    }
}
