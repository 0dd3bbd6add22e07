package io.flotilla.agent.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Which host ids an allocation's user namespace maps, 65,536 each, from first start to removal: its files belong to them.
 * A range is taken by making its file, named by its number and holding the allocation's id, through a hard link, which
 * either exists in full or not at all. Thread-safe.
 */
public final class IdRanges {

    /** Ids in one range. */
    public static final long SIZE = 65_536;

    /** The ids that systemd's "Users, Groups, UIDs and GIDs" leaves to container managers begin at 0x80000. */
    private static final long FIRST_ID = 0x1000_0000L;

    private static final long LAST_ID = 0x6FFF_FFFFL;
    private static final int SLOTS = (int) ((LAST_ID + 1 - FIRST_ID) / SIZE);
    private static final String DRAFT = "draft";

    private final Path directory;
    private final int start;
    private final Map<UUID, Integer> slots = new HashMap<>();

    private IdRanges(Path directory, int start) {
        this.directory = directory;
        this.start = start;
    }

    /**
     * Reads what is taken.
     *
     * @param directory made if missing, mode 0700
     * @param node8 spreads the agents of one machine over the ids, so that their containers hardly ever share any
     */
    public static IdRanges open(Path directory, String node8) throws IOException {
        PrivateFiles.directory(directory);
        IdRanges ranges = new IdRanges(directory, Math.floorMod(Integer.parseUnsignedInt(node8, 16), SLOTS));
        Files.deleteIfExists(directory.resolve(DRAFT));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                UUID owner = UUID.fromString(Files.readString(file, StandardCharsets.US_ASCII));
                ranges.slots.put(owner, Integer.parseInt(String.valueOf(file.getFileName())));
            }
        }
        return ranges;
    }

    /** The first id of the allocation's range, the same on every call until {@link #release}. */
    public synchronized long take(UUID allocation) throws IOException {
        Integer taken = slots.get(allocation);
        if (taken != null) {
            return base(taken);
        }
        Path draft = directory.resolve(DRAFT);
        write(draft, allocation.toString());
        try {
            for (int i = 0; i < SLOTS; i++) {
                int slot = (start + i) % SLOTS;
                if (!slots.containsValue(slot) && link(draft, directory.resolve(String.valueOf(slot)))) {
                    PrivateFiles.sync(directory);
                    slots.put(allocation, slot);
                    return base(slot);
                }
            }
        } finally {
            Files.deleteIfExists(draft);
        }
        throw new IOException("all " + SLOTS + " id ranges of this node are taken");
    }

    private static boolean link(Path draft, Path slot) throws IOException {
        try {
            Files.createLink(slot, draft);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    private static void write(Path file, String text) throws IOException {
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
            out.force(true);
        }
    }

    /** The first id of the range, empty if the allocation has none. */
    public synchronized OptionalLong find(UUID allocation) {
        Integer slot = slots.get(allocation);
        return slot == null ? OptionalLong.empty() : OptionalLong.of(base(slot));
    }

    /** Gives the range back; to be called when no file with its ids is left. Idempotent, needs no disk space. */
    public synchronized void release(UUID allocation) throws IOException {
        Integer slot = slots.get(allocation);
        if (slot != null) {
            Files.deleteIfExists(directory.resolve(slot.toString()));
            slots.remove(allocation);
        }
    }

    private static long base(int slot) {
        return FIRST_ID + slot * SIZE;
    }
}
