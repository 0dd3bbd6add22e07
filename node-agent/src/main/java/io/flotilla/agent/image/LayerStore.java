package io.flotilla.agent.image;

import com.github.luben.zstd.ZstdIOException;
import io.flotilla.agent.kernel.NativeDigest;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.archive.ArchiveException;
import io.flotilla.protocol.archive.TarEntry;
import io.flotilla.protocol.archive.TarReader;
import io.flotilla.protocol.registry.BadDigestException;
import io.flotilla.protocol.registry.VerifiedStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.zip.ZipException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Unpacked layers by chain id. A layer exists when its record does, and the record is
 * written last: tree, sync, verified digests, rename into place, sync of the directory, record.
 *
 * <p>Directories are named by small numbers: kernels before 6.5 take all layers of an overlay in one short string.
 */
final class LayerStore {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final Path layers;
    private final Path unpacking;
    private final Path trash;
    private final Path records;
    private final UnpackLimits limits;
    private final GroupSync sync;
    private final Map<Digest, Layer> known = new ConcurrentHashMap<>();
    private final Map<Digest, ReentrantLock> locks = new ConcurrentHashMap<>();
    private final AtomicLong lastNumber = new AtomicLong();

    /** Opens a layer's compressed bytes. */
    interface Source {
        VerifiedStream open() throws IOException;
    }

    LayerStore(Path snapshots, Path content, UnpackLimits limits) throws IOException {
        this.layers = Files.createDirectories(snapshots.resolve("layers"));
        this.unpacking = Files.createDirectories(snapshots.resolve("unpack"));
        this.trash = Files.createDirectories(snapshots.resolve("trash"));
        this.records = Files.createDirectories(content.resolve("layers"));
        this.limits = limits;
        this.sync = new GroupSync(layers);
        Files.setPosixFilePermissions(layers, PosixFilePermissions.fromString("rwx--x--x"));
        for (Path inner : Set.of(unpacking, trash)) {
            Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString("rwx------"));
        }
        recover();
    }

    /** Takes away what an earlier life left unfinished. */
    private void recover() throws IOException {
        DurableFiles.empty(unpacking);
        DurableFiles.empty(trash);
        Set<String> wanted = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(records)) {
            for (Path file : files) {
                Optional<Layer> layer = file.toString().endsWith(".json") ? read(file) : Optional.empty();
                if (layer.isPresent() && Files.isDirectory(directory(layer.get()))) {
                    known.put(layer.get().chainId(), layer.get());
                    wanted.add(Long.toString(layer.get().number()));
                    lastNumber.accumulateAndGet(layer.get().number(), Math::max);
                } else {
                    Files.deleteIfExists(file);
                }
            }
        }
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(layers)) {
            for (Path directory : directories) {
                if (!wanted.contains(String.valueOf(directory.getFileName()))) {
                    DurableFiles.discard(directory, trash);
                }
            }
        }
    }

    private static Optional<Layer> read(Path file) throws IOException {
        try {
            return Optional.of(MAPPER.readValue(Files.readAllBytes(file), Layer.class));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    Optional<Layer> find(Digest chainId) {
        return Optional.ofNullable(known.get(chainId));
    }

    Path directory(Layer layer) {
        return layers.resolve(Long.toString(layer.number()));
    }

    /** Unpacks a layer unless it is there; of several callers one works and the others wait for it. */
    Layer unpack(Digest chainId, Digest diffId, String subject, Source source, LongConsumer unpackedBytes)
            throws IOException {
        ReentrantLock lock = locks.computeIfAbsent(chainId, _ -> new ReentrantLock());
        lock.lock();
        try {
            Layer there = known.get(chainId);
            if (there != null) {
                return there;
            }
            Path work = Files.createTempDirectory(unpacking, "u");
            try {
                Layer layer = fill(work, chainId, diffId, subject, source, unpackedBytes);
                commit(work, layer);
                known.put(chainId, layer);
                return layer;
            } finally {
                DurableFiles.discard(work, trash);
            }
        } finally {
            lock.unlock();
        }
    }

    private Layer fill(
            Path work, Digest chainId, Digest diffId, String subject, Source source, LongConsumer unpackedBytes)
            throws IOException {
        Path tree = Files.createDirectory(
                work.resolve("tree"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path replaced = Files.createDirectory(work.resolve("replaced"));
        MessageDigest digester = NativeDigest.of(diffId);
        long[] bytes = new long[1];
        try (VerifiedStream compressed = source.open();
                InputStream plain = Compression.open(compressed);
                Counting counted = new Counting(plain, digester, limits.mostBytes(), count -> {
                    bytes[0] = count;
                    unpackedBytes.accept(count);
                });
                TreeWriter writer = new TreeWriter(tree, replaced, new Space(layers, limits.freeBytes()))) {
            try {
                putAll(new TarReader(counted), writer);
                counted.drain();
            } catch (ArchiveException | ZipException | EOFException | ZstdIOException e) {
                throw compressed.blame(e);
            }
            compressed.verifyRest();
            Digest found = Digest.of(digester);
            if (!found.equals(diffId)) {
                throw new BadDigestException(
                        subject + " unpacks to " + found + ", but its image config names " + diffId);
            }
            return new Layer(
                    chainId,
                    lastNumber.incrementAndGet(),
                    bytes[0],
                    writer.hidesAllBelow(),
                    writer.omitted(),
                    writer.implied());
        }
    }

    private void putAll(TarReader archive, TreeWriter writer) throws IOException {
        long entries = 0;
        for (TarEntry entry = archive.next(); entry != null; entry = archive.next()) {
            if (++entries > limits.mostEntries()) {
                throw new ArchiveException("the layer has more than " + limits.mostEntries() + " members");
            }
            writer.put(entry, archive.content());
        }
    }

    private void commit(Path work, Layer layer) throws IOException {
        sync.sync();
        Path place = directory(layer);
        Files.move(work.resolve("tree"), place, StandardCopyOption.ATOMIC_MOVE);
        try {
            DurableFiles.syncDirectory(layers);
            DurableFiles.write(record(layer.chainId()), MAPPER.writeValueAsBytes(layer));
        } catch (IOException e) {
            DurableFiles.discard(place, trash);
            throw e;
        }
    }

    /** Completes a layer once all below it are there; see {@link Inheritance}. Idempotent. */
    void settle(Layer layer, List<Path> below) throws IOException {
        if (layer.implied().isEmpty()) {
            return;
        }
        new Inheritance().settle(directory(layer), layer.implied(), below);
        sync.sync();
        DurableFiles.write(record(layer.chainId()), MAPPER.writeValueAsBytes(layer.settled()));
        known.put(layer.chainId(), layer.settled());
    }

    /**
     * Takes a layer out of sight: the record first, so that a half-removed tree is never taken for a layer. What the caller
     * gets is for {@link DurableFiles#erase}.
     */
    Optional<Path> detach(Digest chainId) throws IOException {
        Layer layer = known.remove(chainId);
        if (layer == null) {
            return Optional.empty();
        }
        DurableFiles.delete(record(chainId));
        return Optional.of(DurableFiles.detach(directory(layer), trash));
    }

    Collection<Layer> all() {
        return List.copyOf(known.values());
    }

    private Path record(Digest chainId) {
        return records.resolve(chainId.algorithm() + "-" + chainId.hex() + ".json");
    }
}
