package io.flotilla.agent.image;

import io.flotilla.agent.AgentPaths;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.NodeImages;
import io.flotilla.protocol.registry.BadDigestException;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.ImageConfig;
import io.flotilla.protocol.registry.Platform;
import io.flotilla.protocol.registry.RegistryAccess;
import io.flotilla.protocol.registry.RegistryClient;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * The images of this node. Life of an image: {@link #pull} downloads, verifies and unpacks it; from then on {@link #find}
 * knows it, also after any crash, until a clean-up takes it while nobody needs it. A pull that fails or is killed leaves nothing that
 * is served and
 * may be repeated at once; layers that were finished are not fetched again. All methods may be called by any thread.
 */
public final class Images implements AutoCloseable {

    /** How much larger layers are than what is downloaded for them; most are by less. */
    private static final long UNPACKED = 4;

    private final ImageRecords records;
    private final LayerStore layers;
    private final RegistryClient registries;
    private final Puller puller;
    private final InstantSource clock;
    private final Path content;
    private final Leases leases = new Leases();
    private final Collector collector;
    private final Map<Digest, Running> running = new ConcurrentHashMap<>();

    private record Running(CompletableFuture<LocalImage> result, PullMeter meter) {}

    private Images(
            AgentPaths paths,
            Platform machine,
            UnpackLimits limits,
            RegistryClient registries,
            Needs needs,
            InstantSource clock)
            throws IOException {
        Files.createDirectories(paths.snapshots());
        Files.createDirectories(paths.content());
        this.layers = new LayerStore(paths.snapshots(), paths.content(), limits);
        this.records = new ImageRecords(paths.content());
        this.registries = registries;
        this.puller = new Puller(machine, layers);
        this.clock = clock;
        this.content = paths.content();
        this.collector = new Collector(records, layers, leases, needs, clock, content.resolve("limit"));
        for (StoredImage image : records.all()) {
            if (!image.layers().stream().allMatch(l -> layers.find(l).isPresent())) {
                records.remove(image);
            }
        }
    }

    /** Opens the store and takes away what an earlier life of the agent left unfinished. One at a time for a data directory. */
    public static Images open(AgentPaths paths, RegistryClient registries, Needs needs, InstantSource clock)
            throws IOException {
        return open(paths, Platform.here(), UnpackLimits.USUAL, registries, needs, clock);
    }

    /** With everything chosen; closes the client when it is closed itself. */
    public static Images open(
            AgentPaths paths,
            Platform machine,
            UnpackLimits limits,
            RegistryClient registries,
            Needs needs,
            InstantSource clock)
            throws IOException {
        return new Images(paths, machine, limits, registries, needs, clock);
    }

    /** Whether the image that was pulled by this digest is here. */
    public boolean has(Digest digest) {
        return records.find(digest).isPresent();
    }

    /** The image that was pulled by this digest (of a manifest or an index), if it is here. */
    public Optional<LocalImage> find(Digest digest) throws IOException {
        try (Leases.Lease lease = leases.lease()) {
            Optional<StoredImage> stored = keep(digest, lease);
            return stored.isEmpty() ? Optional.empty() : Optional.of(local(stored.get()));
        }
    }

    /**
     * The same, kept until the caller closes it: until then a snapshot has been made on it, say. An image whose config was
     * damaged on the disk is forgotten, so that the next pull mends it.
     */
    public Optional<HeldImage> hold(Digest digest) throws IOException {
        Leases.Lease lease = leases.lease();
        try {
            Optional<StoredImage> stored = keep(digest, lease);
            if (stored.isPresent()) {
                records.touch(digest, clock.instant());
                HeldImage held = new HeldImage(local(stored.get()), lease);
                lease = leases.lease();
                return Optional.of(held);
            }
            return Optional.empty();
        } catch (BadDigestException e) {
            forget(digest);
            return Optional.empty();
        } finally {
            lease.close();
        }
    }

    private Optional<StoredImage> keep(Digest digest, Leases.Lease lease) {
        leases.gate.lock();
        try {
            Optional<StoredImage> stored = records.find(digest);
            stored.ifPresent(image -> {
                lease.add(List.of(digest));
                lease.add(image.layers());
            });
            return stored;
        } finally {
            leases.gate.unlock();
        }
    }

    private void forget(Digest digest) throws IOException {
        leases.gate.lock();
        try {
            Optional<StoredImage> stored = records.find(digest);
            if (stored.isPresent()) {
                records.remove(stored.get());
            }
        } finally {
            leases.gate.unlock();
        }
    }

    private LocalImage local(StoredImage stored) throws IOException {
        ImageConfig config = Documents.readConfig(records.blob(stored.config()));
        return new LocalImage(stored.digest(), stored.manifestDigest(), config, directories(stored.layers()));
    }

    /** The directories to be stacked, lowest first; what an opaque root hides is left out, overlayfs would show it. */
    private List<Path> directories(List<Digest> chainIds) {
        List<Path> found = new ArrayList<>();
        for (Digest chainId : chainIds) {
            Layer layer = layers.find(chainId)
                    .orElseThrow(() -> new IllegalStateException("layer " + chainId + " has gone from the store"));
            if (layer.hidesAllBelow()) {
                found.clear();
            }
            found.add(layers.directory(layer));
        }
        return found;
    }

    /**
     * Fetches an image unless it is here. Callers that ask for the same digest at the same time share one pull.
     *
     * @param digest what the name was resolved to, a manifest or an index; the name's own tag is not looked at
     * @throws io.flotilla.protocol.registry.RegistryException named after the cause, if the registry is to blame
     * @throws io.flotilla.protocol.archive.ArchiveException if a layer's archive is hostile or damaged
     * @throws DiskFullException if the disk is full; what was written is gone again
     */
    public LocalImage pull(ImageName name, Digest digest, RegistryAccess access, PullListener listener)
            throws IOException {
        Optional<LocalImage> here = find(digest);
        if (here.isPresent()) {
            addName(digest, name);
            return here.get();
        }
        Running mine = new Running(new CompletableFuture<>(), new PullMeter(name, digest));
        Running other = running.putIfAbsent(digest, mine);
        Running chosen = other == null ? mine : other;
        chosen.meter.add(listener);
        if (other == null) {
            run(mine, name, digest, access);
        }
        return await(chosen);
    }

    private void run(Running mine, ImageName name, Digest digest, RegistryAccess access) {
        try (Leases.Lease lease = leases.lease()) {
            Optional<LocalImage> meanwhile = find(digest);
            if (meanwhile.isEmpty()) {
                Puller.Pulled pulled = fetch(name, digest, access, lease, mine.meter);
                commit(pulled, lease);
                mine.result.complete(local(pulled.image()));
            } else {
                mine.result.complete(meanwhile.get());
            }
        } catch (IOException e) {
            mine.result.completeExceptionally(DiskFullException.orOther(e, content));
        } catch (RuntimeException e) {
            mine.result.completeExceptionally(e);
        } finally {
            running.remove(digest);
        }
        collector.keepLimit();
    }

    /** A full disk is given room once, at the cost of images that nobody uses. */
    private Puller.Pulled fetch(
            ImageName name, Digest digest, RegistryAccess access, Leases.Lease lease, PullMeter meter)
            throws IOException {
        try {
            return puller.pull(registries.open(name.at(digest), access), name, digest, lease, meter, clock.instant());
        } catch (IOException e) {
            IOException named = DiskFullException.orOther(e, content);
            if (!(named instanceof DiskFullException) || collector.free(UNPACKED * meter.totalBytes()) == 0) {
                throw named;
            }
            return puller.pull(registries.open(name.at(digest), access), name, digest, lease, meter, clock.instant());
        }
    }

    /** Makes the image exist. Under the gate: another image with the same config may be going away right now. */
    private void commit(Puller.Pulled pulled, Leases.Lease lease) throws IOException {
        StoredImage image = pulled.image();
        leases.gate.lock();
        try {
            records.putBlob(image.manifestDigest(), pulled.manifest().array());
            records.putBlob(image.config(), pulled.config().array());
            records.put(image, clock.instant());
            lease.add(List.of(image.digest()));
        } finally {
            leases.gate.unlock();
        }
    }

    private static LocalImage await(Running pull) throws IOException {
        try {
            return pull.result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the pull was given up");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException bug -> throw bug;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private void addName(Digest digest, ImageName name) throws IOException {
        leases.gate.lock();
        try {
            Optional<StoredImage> found = records.find(digest);
            if (found.isPresent() && !found.get().names().contains(name)) {
                records.put(found.get().alsoNamed(name), clock.instant());
            }
        } finally {
            leases.gate.unlock();
        }
    }

    /** All images that are here. */
    public List<StoredImage> list() {
        return records.all();
    }

    /** Tells of the images, and what the collector would take away or has taken. */
    public NodeImages carryOut(NodeImages.Request request) throws IOException {
        return switch (request) {
            case NodeImages.Request.Show _ -> collector.show();
            case NodeImages.Request.Clean clean -> collector.clean(clean.keepBytes(), clean.preview());
            case NodeImages.Request.Limit limit -> collector.limit(limit.bytes());
        };
    }

    /** To be called when something is needed no more. */
    public void keepLimit() {
        collector.keepLimit();
    }

    @Override
    public void close() {
        puller.close();
        registries.close();
    }
}
