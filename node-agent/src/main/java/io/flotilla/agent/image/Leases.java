package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Layers that must not go while a pull or the start of a container is under way, counted. Whoever takes something away holds
 * the gate from its look at the leases to the moment when the thing is out of sight, so that none is given in between.
 */
final class Leases {

    /** Held for moments only: for a decision and the renames that carry it out. */
    final ReentrantLock gate = new ReentrantLock();

    private final Map<Digest, Integer> counts = new HashMap<>();

    /** One holder's share; closed once. */
    final class Lease implements AutoCloseable {

        private final List<Digest> held = new ArrayList<>();

        /** From now on these stay, if they are here, until the lease is closed. */
        void add(Collection<Digest> layers) {
            gate.lock();
            try {
                held.addAll(layers);
                layers.forEach(l -> counts.merge(l, 1, Integer::sum));
            } finally {
                gate.unlock();
            }
        }

        @Override
        public void close() {
            gate.lock();
            try {
                held.forEach(l -> counts.computeIfPresent(l, (_, count) -> count == 1 ? null : count - 1));
                held.clear();
            } finally {
                gate.unlock();
            }
        }
    }

    Lease lease() {
        return new Lease();
    }

    /** Under the gate. */
    Set<Digest> held() {
        return Set.copyOf(counts.keySet());
    }
}
