package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.PullProgress;
import io.flotilla.protocol.PullProgress.Phase;
import io.flotilla.protocol.registry.Descriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Adds up what a pull's layers report and passes it on, but not more often than anybody can look. */
final class PullMeter {

    private static final long NANOS_BETWEEN = 250_000_000;

    private final ImageName image;
    private final Digest digest;
    private final List<PullListener> listeners = new CopyOnWriteArrayList<>();
    private List<PullProgress.Layer> layers = List.of();
    private long lastNanos;

    PullMeter(ImageName image, Digest digest) {
        this.image = image;
        this.digest = digest;
    }

    void add(PullListener listener) {
        listeners.add(listener);
    }

    synchronized void begin(List<Descriptor> descriptors) {
        layers = new ArrayList<>(descriptors.stream()
                .map(d -> new PullProgress.Layer(d.digest(), 0, d.size(), Phase.WAITING))
                .toList());
        tell();
    }

    synchronized void layer(int index, long doneBytes, Phase phase) {
        PullProgress.Layer old = layers.get(index);
        layers.set(index, new PullProgress.Layer(old.digest(), doneBytes, old.totalBytes(), phase));
        long now = System.nanoTime();
        if (phase != old.phase() || now - lastNanos >= NANOS_BETWEEN) {
            lastNanos = now;
            tell();
        }
    }

    /** Bytes to download; 0 before that is known. */
    synchronized long totalBytes() {
        return layers.stream().mapToLong(PullProgress.Layer::totalBytes).sum();
    }

    private void tell() {
        PullProgress progress = new PullProgress(image, digest, layers);
        listeners.forEach(l -> l.progress(progress));
    }
}
