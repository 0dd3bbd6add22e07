package io.flotilla.agent.image;

import com.github.luben.zstd.ZstdIOException;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.PullProgress.Phase;
import io.flotilla.protocol.archive.ArchiveException;
import io.flotilla.protocol.registry.BadDigestException;
import io.flotilla.protocol.registry.BadDocumentException;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.ImageConfig;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.MediaTypes;
import io.flotilla.protocol.registry.Platform;
import io.flotilla.protocol.registry.RemoteRepository;
import io.flotilla.protocol.registry.VerifiedStream;
import io.flotilla.protocol.registry.WrongPlatformException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipException;

/** One pull: manifest, config, then the layers, several at a time, each unpacked while it comes in. */
final class Puller implements AutoCloseable {

    /** Layers under way at once on the whole node: bounds memory and keeps one pull from taking all of the line. */
    private static final int PARALLEL = 3;

    private final Platform machine;
    private final LayerStore layers;
    private final ThreadPoolExecutor threads;

    /** An image whose layers are here, before it is known. */
    record Pulled(StoredImage image, Bytes manifest, Bytes config) {}

    Puller(Platform machine, LayerStore layers) {
        this.machine = machine;
        this.layers = layers;
        // Platform threads: they spend their time in system calls, which would hold up virtual threads' carriers.
        this.threads = new ThreadPoolExecutor(
                PARALLEL,
                PARALLEL,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("pull-", 0).factory());
        this.threads.allowCoreThreadTimeOut(true);
    }

    /** @param lease keeps the image's layers, also after the pull */
    Pulled pull(
            RemoteRepository repository,
            ImageName name,
            Digest digest,
            Leases.Lease lease,
            PullMeter meter,
            Instant now)
            throws IOException {
        try {
            return pullFrom(repository, name, digest, lease, meter, now);
        } catch (BadDigestException | ArchiveException e) {
            // Layers that were good are kept; whether the bad one is the mirror's fault, only the registry can show.
            if (!repository.hasMirrors()) {
                throw e;
            }
            return pullFrom(repository.withoutMirrors(), name, digest, lease, meter, now);
        }
    }

    private Pulled pullFrom(
            RemoteRepository repository,
            ImageName name,
            Digest digest,
            Leases.Lease lease,
            PullMeter meter,
            Instant now)
            throws IOException {
        RemoteRepository.Fetched chosen = repository.select(repository.document(digest), machine);
        if (!(chosen.document() instanceof Manifest manifest)) {
            throw new BadDocumentException("image \"" + name + "\": its index leads to another index");
        }
        byte[] configBytes = repository.small(manifest.config(), "the config");
        ImageConfig config = Documents.readConfig(configBytes);
        requireConsistent(name, manifest, config);
        meter.begin(manifest.layers());
        List<Digest> diffIds = config.rootfs().diffIds();
        List<Digest> chainIds = ChainIds.of(diffIds);
        lease.add(chainIds);
        long bytes = unpackAll(repository, manifest.layers(), diffIds, meter);
        settle(chainIds);
        return new Pulled(
                new StoredImage(
                        digest,
                        chosen.descriptor().digest(),
                        manifest.config().digest(),
                        List.of(name),
                        chainIds,
                        bytes,
                        now),
                chosen.bytes(),
                Bytes.of(configBytes));
    }

    private void settle(List<Digest> chainIds) throws IOException {
        List<Path> below = new ArrayList<>();
        for (Digest chainId : chainIds) {
            Layer layer = layers.find(chainId).orElseThrow();
            layers.settle(layer, below);
            below.add(layers.directory(layer));
        }
    }

    private void requireConsistent(ImageName name, Manifest manifest, ImageConfig config) throws IOException {
        if (!machine.runs(config.platform())) {
            throw new WrongPlatformException(
                    "image \"" + name + "\" is for " + config.platform() + ", this machine is " + machine);
        }
        if (config.rootfs().diffIds().size() != manifest.layers().size()) {
            throw new BadDocumentException("image \"" + name + "\": the manifest names "
                    + manifest.layers().size() + " layers, the config "
                    + config.rootfs().diffIds().size());
        }
        for (Descriptor layer : manifest.layers()) {
            if (MediaTypes.isForeignLayer(layer.mediaType())) {
                throw new BadDocumentException("image \"" + name + "\": layer " + layer.digest()
                        + " is a foreign one, which its registry does not keep (" + layer.mediaType()
                        + "); push the image again with all its layers");
            }
            if (!MediaTypes.isLayer(layer.mediaType())) {
                throw new BadDocumentException("image \"" + name + "\" has a layer of the unknown type "
                        + layer.mediaType() + "; is it no container image?");
            }
        }
    }

    private long unpackAll(
            RemoteRepository repository, List<Descriptor> descriptors, List<Digest> diffIds, PullMeter meter)
            throws IOException {
        List<Digest> chainIds = ChainIds.of(diffIds);
        CompletionService<Layer> work = new ExecutorCompletionService<>(threads);
        List<Future<Layer>> futures = new ArrayList<>();
        // A cancelled future is "done" while its thread still cleans up; the pull ends when all threads have.
        Phaser active = new Phaser(1);
        for (int i = 0; i < descriptors.size(); i++) {
            int index = i;
            futures.add(work.submit(() -> {
                active.register();
                try {
                    return layer(repository, descriptors, chainIds.get(index), diffIds.get(index), index, meter);
                } finally {
                    active.arriveAndDeregister();
                }
            }));
        }
        IOException failure = null;
        long bytes = 0;
        for (int i = 0; i < futures.size(); i++) {
            try {
                bytes += take(work, futures, failure != null);
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                    futures.forEach(f -> f.cancel(true));
                }
            }
        }
        active.arriveAndAwaitAdvance();
        if (failure != null) {
            throw failure;
        }
        return bytes;
    }

    private static long take(CompletionService<Layer> work, List<Future<Layer>> all, boolean givenUp)
            throws IOException {
        try {
            Future<Layer> done = work.take();
            return givenUp && done.isCancelled() ? 0 : done.get().bytes();
        } catch (InterruptedException e) {
            all.forEach(f -> f.cancel(true));
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

    private Layer layer(
            RemoteRepository repository,
            List<Descriptor> descriptors,
            Digest chainId,
            Digest diffId,
            int index,
            PullMeter meter)
            throws IOException {
        Descriptor descriptor = descriptors.get(index);
        String subject = "layer " + (index + 1) + " of " + descriptors.size();
        long[] downloaded = new long[1];
        try {
            Layer layer = layers.unpack(
                    chainId,
                    diffId,
                    subject,
                    () -> {
                        VerifiedStream stream = repository.blob(descriptor, subject);
                        stream.onProgress(count -> {
                            downloaded[0] = count;
                            meter.layer(index, count, Phase.DOWNLOADING);
                        });
                        return stream;
                    },
                    _ -> {
                        if (downloaded[0] == descriptor.size()) {
                            meter.layer(index, downloaded[0], Phase.UNPACKING);
                        }
                    });
            meter.layer(index, descriptor.size(), Phase.PRESENT);
            return layer;
        } catch (ArchiveException e) {
            throw new ArchiveException(subject + ": " + e.getMessage());
        } catch (ZipException | EOFException | ZstdIOException e) {
            throw new ArchiveException(subject + " is damaged: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
