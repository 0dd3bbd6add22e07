package io.flotilla.controlplane.image;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.Index;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.RepositoryWriter;
import io.flotilla.protocol.registry.RepositoryWriter.Placed;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.stereotype.Service;

/** Sends images that are kept here to registries. What a registry has, or can take from itself, is not sent. */
@Service
public class Pushes {

    private final ImageService images;
    private final Resolver resolver;
    private final RegistryLoginService logins;
    private final PushStore store;
    private final Transactions transactions;
    private final AuditLog audit;

    Pushes(
            ImageService images,
            Resolver resolver,
            RegistryLoginService logins,
            PushStore store,
            Transactions transactions,
            AuditLog audit) {
        this.images = images;
        this.resolver = resolver;
        this.logins = logins;
        this.store = store;
        this.transactions = transactions;
        this.audit = audit;
    }

    /**
     * An image taken apart.
     *
     * @param blobs configs and layers
     * @param documents what is made of them, each after its parts
     */
    private record Parts(Map<Digest, Descriptor> blobs, Map<Digest, Descriptor> documents) {}

    /**
     * Blocking, for as long as the upload takes.
     *
     * @throws ProblemException naming the field {@code name} or {@code target}
     */
    public Pushed push(Actor actor, ImageName name, ImageName target) {
        if (target.isLocal() || target.digest() != null) {
            throw ProblemException.invalid(
                    "target",
                    "\"" + target + "\" must be a name with a tag in a registry, as in registry.example/app:1");
        }
        logins.requireMayAsk(actor, target);
        Descriptor root = images.root("name", name);
        Parts parts = new Parts(new LinkedHashMap<>(), new LinkedHashMap<>());
        collect(name, root, parts);
        // First: what a registry has accepted cannot be taken back when the row cannot be written.
        transactions.run(() -> audit.record(
                actor,
                "image.push",
                new Target("image", null, target.familiar(), null),
                null,
                Map.of("name", name.familiar(), "digest", root.digest().value())));
        return resolver.asking("target", () -> send(target, root, parts));
    }

    private void collect(ImageName name, Descriptor descriptor, Parts parts) {
        if (images.content(descriptor.digest()).isEmpty()) {
            throw ProblemException.invalid(
                    "name",
                    "\"" + name + "\" names " + descriptor.digest()
                            + ", which was never imported: a registry takes an index only with all of its images");
        }
        switch (images.document(descriptor.digest())) {
            case Index index -> index.manifests().forEach(m -> collect(name, m, parts));
            case Manifest manifest -> {
                manifest.layers().forEach(l -> parts.blobs().put(l.digest(), l));
                parts.blobs().put(manifest.config().digest(), manifest.config());
            }
        }
        parts.documents().put(descriptor.digest(), descriptor);
    }

    private Pushed send(ImageName target, Descriptor root, Parts parts) throws IOException {
        Map<Digest, String> elsewhere = new LinkedHashMap<>();
        for (Digest digest : parts.blobs().keySet()) {
            store.elsewhere(target.registry(), digest, target.repository())
                    .ifPresent(repository -> elsewhere.put(digest, repository));
        }
        Set<String> readable = new TreeSet<>(elsewhere.values());
        RepositoryWriter writer = resolver.openToWrite(target, readable);
        Map<Placed, Integer> counts = new EnumMap<>(Placed.class);
        long sent = 0;
        for (Descriptor blob : parts.blobs().values()) {
            Placed placed = writer.blob(blob, images.file(blob.digest()), elsewhere.get(blob.digest()));
            counts.merge(placed, 1, Integer::sum);
            sent += placed == Placed.UPLOADED ? blob.size() : 0;
        }
        for (Descriptor document : parts.documents().values()) {
            boolean whole = document.digest().equals(root.digest());
            writer.document(
                    document,
                    Bytes.of(Files.readAllBytes(images.file(document.digest()))),
                    whole ? target.reference() : document.digest().value());
        }
        List<Digest> placed = new ArrayList<>(parts.blobs().keySet());
        transactions.run(() -> store.put(target.registry(), target.repository(), placed));
        return new Pushed(
                target,
                root.digest(),
                count(counts, Placed.UPLOADED),
                count(counts, Placed.MOUNTED),
                count(counts, Placed.PRESENT),
                sent);
    }

    private static int count(Map<Placed, Integer> counts, Placed placed) {
        return Optional.ofNullable(counts.get(placed)).orElse(0);
    }
}
