package io.flotilla.agent.image;

import io.flotilla.agent.AgentPaths;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
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
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * The images of this node. Life of an image: {@link #pull} downloads, verifies and unpacks it; from then on {@link #find}
 * knows it, also after any crash; {@link #remove} ends it. A pull that fails or is killed leaves nothing that is served and
 * may be repeated at once; layers that were finished are not fetched again. All methods may be called by any thread.
 */
public final class Images implements AutoCloseable {

    private final ImageRecords records;
    private final LayerStore layers;
    private final RegistryClient registries;
    private final Puller puller;
    private final InstantSource clock;
    private final Path content;
    private final Map<Digest, Running> running = new ConcurrentHashMap<>();

    private record Running(CompletableFuture<LocalImage> result, PullMeter meter) {}

    private Images(
            AgentPaths paths, Platform machine, UnpackLimits limits, RegistryClient registries, InstantSource clock)
            throws IOException {
        Files.createDirectories(paths.snapshots());
        Files.createDirectories(paths.content());
        this.layers = new LayerStore(paths.snapshots(), paths.content(), limits);
        this.records = new ImageRecords(paths.content());
        this.registries = registries;
        this.puller = new Puller(machine, layers, records);
        this.clock = clock;
        this.content = paths.content();
        for (StoredImage image : records.all()) {
            if (!image.layers().stream().allMatch(l -> layers.find(l).isPresent())) {
                records.remove(image);
            }
        }
    }

    /** Opens the store and takes away what an earlier life of the agent left unfinished. One at a time for a data directory. */
    public static Images open(AgentPaths paths, RegistryClient registries, InstantSource clock) throws IOException {
        return open(paths, Platform.here(), UnpackLimits.USUAL, registries, clock);
    }

    /** With everything chosen; closes the client when it is closed itself. */
    public static Images open(
            AgentPaths paths, Platform machine, UnpackLimits limits, RegistryClient registries, InstantSource clock)
            throws IOException {
        return new Images(paths, machine, limits, registries, clock);
    }

    /** The image that was pulled by this digest (of a manifest or an index), if it is here. */
    public Optional<LocalImage> find(Digest digest) throws IOException {
        Optional<StoredImage> stored = records.find(digest);
        return stored.isEmpty() ? Optional.empty() : Optional.of(local(stored.get()));
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
        try {
            Optional<LocalImage> meanwhile = find(digest);
            if (meanwhile.isEmpty()) {
                StoredImage stored = puller.pull(
                        registries.open(name.at(digest), access), name, digest, mine.meter, clock.instant());
                records.put(stored);
                mine.result.complete(local(stored));
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
        Optional<StoredImage> found = records.find(digest);
        if (found.isPresent() && !found.get().names().contains(name)) {
            StoredImage old = found.get();
            Set<ImageName> names = new LinkedHashSet<>(old.names());
            names.add(name);
            records.put(new StoredImage(
                    digest,
                    old.manifestDigest(),
                    old.config(),
                    List.copyOf(names),
                    old.layers(),
                    old.bytes(),
                    old.pulled()));
        }
    }

    /** All images that are here. */
    public List<StoredImage> list() {
        return records.all();
    }

    /**
     * Forgets an image and deletes the layers that nothing needs any more. Without effect if it is not here.
     *
     * @param layersInUse directories that some container's root is made of ({@code Snapshots.layersInUse()})
     */
    public void remove(Digest digest, Set<Path> layersInUse) throws IOException {
        Optional<StoredImage> stored = records.find(digest);
        if (stored.isPresent()) {
            records.remove(stored.get());
        }
        prune(layersInUse);
    }

    /** Deletes layers that belong to no image, no running pull and no container. */
    public void prune(Set<Path> layersInUse) throws IOException {
        Set<Digest> needed = new HashSet<>(puller.pinned());
        records.all().forEach(i -> needed.addAll(i.layers()));
        for (Digest chainId : layers.all()) {
            Optional<Layer> layer = layers.find(chainId);
            if (!needed.contains(chainId)
                    && layer.isPresent()
                    && !layersInUse.contains(layers.directory(layer.get()))) {
                layers.remove(chainId);
            }
        }
    }

    @Override
    public void close() {
        puller.close();
        registries.close();
    }
}
