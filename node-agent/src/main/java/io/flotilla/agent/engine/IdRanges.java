package io.flotilla.agent.engine;

import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Which host ids an allocation's user namespace maps, 65,536 each, from first start to removal: its files belong to them.
 * What is taken stands nowhere but in the owners of the writable trees, so a range and the files with its ids can never
 * part, and a start waits for no disk. Thread-safe.
 */
public final class IdRanges {

    /** Ids in one range. */
    public static final long SIZE = 65_536;

    /** The ids that systemd's "Users, Groups, UIDs and GIDs" leaves to container managers begin at 0x80000. */
    private static final long FIRST_ID = 0x1000_0000L;

    private static final long LAST_ID = 0x6FFF_FFFFL;
    private static final int SLOTS = (int) ((LAST_ID + 1 - FIRST_ID) / SIZE);

    private final int start;
    private final Map<UUID, Integer> slots = new HashMap<>();
    private final BitSet taken = new BitSet(SLOTS);

    /**
     * @param owners the host id that owns each allocation's writable tree; one outside of all ranges is a tree without one
     * @param node8 spreads the agents of one machine over the ids, so that their containers hardly ever share any
     */
    public IdRanges(Map<UUID, Long> owners, String node8) {
        this.start = Math.floorMod(Integer.parseUnsignedInt(node8, 16), SLOTS);
        owners.forEach((allocation, owner) -> {
            if (owner >= FIRST_ID && owner <= LAST_ID) {
                put(allocation, (int) ((owner - FIRST_ID) / SIZE));
            }
        });
    }

    private int put(UUID allocation, int slot) {
        slots.put(allocation, slot);
        taken.set(slot);
        return slot;
    }

    /** The first id of the allocation's range, the same on every call until {@link #release}. */
    public synchronized long take(UUID allocation) throws IOException {
        Integer slot = slots.get(allocation);
        return base(slot == null ? put(allocation, free()) : slot);
    }

    private int free() throws IOException {
        int slot = taken.nextClearBit(start);
        if (slot >= SLOTS) {
            slot = taken.nextClearBit(0);
        }
        if (slot >= SLOTS) {
            throw new IOException("all " + SLOTS + " id ranges of this node are taken");
        }
        return slot;
    }

    /** The first id of the range, empty if the allocation has none. */
    public synchronized OptionalLong find(UUID allocation) {
        Integer slot = slots.get(allocation);
        return slot == null ? OptionalLong.empty() : OptionalLong.of(base(slot));
    }

    /** Gives the range back; to be called when no file with its ids is left. Idempotent. */
    public synchronized void release(UUID allocation) {
        Integer slot = slots.remove(allocation);
        if (slot != null) {
            taken.clear(slot);
        }
    }

    private static long base(int slot) {
        return FIRST_ID + slot * SIZE;
    }
}
