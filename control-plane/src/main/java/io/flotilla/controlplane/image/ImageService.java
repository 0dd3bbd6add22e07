package io.flotilla.controlplane.image;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.OnDatabaseReady;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.archive.ArchiveException;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.ImageDocument;
import io.flotilla.protocol.registry.Index;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.MediaTypes;
import io.flotilla.protocol.registry.Platform;
import io.flotilla.protocol.registry.RegistryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Service;

/** The images that the control plane keeps: imported ones and the bundled sample. */
@Service
@Order(20)
public class ImageService implements OnDatabaseReady {

    private final ImageStore store;
    private final ContentStore content;
    private final Transactions transactions;
    private final AuditLog audit;
    private final Clock clock;

    ImageService(ImageStore store, ContentStore content, Transactions transactions, AuditLog audit, Clock clock) {
        this.store = store;
        this.content = content;
        this.transactions = transactions;
        this.audit = audit;
        this.clock = clock;
    }

    /** Makes the bundled sample known. Not audited: it is not a change that anybody asked for. */
    @Override
    public void databaseReady() {
        try {
            ImportedImage sample = SampleImage.store(content);
            transactions.run(() -> {
                store.lock();
                Optional<ImageStore.TagRow> before = store.tag(SampleImage.REPOSITORY, SampleImage.TAG);
                if (before.isEmpty()
                        || !before.get().digest().equals(sample.root().digest())) {
                    register(sample, SampleImage.REPOSITORY, SampleImage.TAG, true);
                }
            });
            // Files of imports that a crash ended half-way; one that runs right now notices and has to be repeated.
            deleteUnknown(content.all());
        } catch (IOException e) {
            throw new UncheckedIOException("sample image", e);
        }
    }

    private void register(ImportedImage image, String repository, String tag, boolean bundled) {
        var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        for (Descriptor blob : image.blobs()) {
            if (!content.has(blob.digest())) {
                throw ProblemException.conflict(null, "the image was deleted while it was being imported; try again");
            }
            store.putBlob(blob, now);
        }
        image.links().forEach((parent, children) -> children.forEach(child -> store.putLink(parent, child)));
        store.putTag(repository, tag, image.root().digest(), bundled, now);
    }

    /** All images that are kept here, by name. */
    public List<ImageView> list() {
        return store.tags().stream().map(this::view).toList();
    }

    private ImageView view(ImageStore.TagRow row) {
        return new ImageView(
                new ImageName("", row.repository(), row.tag(), null),
                row.digest(),
                row.bytes(),
                elsewhere(row.digest())
                        ? List.of()
                        : platforms(row.digest()).stream()
                                .map(Platform::toString)
                                .toList(),
                row.bundled(),
                row.changed());
    }

    /** An image that is kept here. */
    public Optional<ImageView> find(ImageName name) {
        return store.tag(name.repository(), name.tag() == null ? "latest" : name.tag())
                .map(this::view);
    }

    /**
     * Takes an image from an archive.
     *
     * @param archive an OCI image layout as tar, or what {@code docker save} writes; also in gzip
     * @param name what it is called from now on; has to begin with {@code flotilla/}
     * @param wanted which of several images in the archive, by the archive's own name for it
     */
    public ImageView importArchive(Actor actor, Path archive, ImageName name, @Nullable String wanted) {
        requireLocalTag(name);
        Set<Digest> unsure = new HashSet<>();
        try {
            ImportedImage image = new ArchiveImport(new Archive(archive), content, unsure).take(wanted);
            transactions.run(() -> {
                store.lock();
                Optional<ImageView> before = find(name);
                register(image, name.repository(), String.valueOf(name.tag()), false);
                unsure.addAll(store.deleteUnreachable());
                audit.record(
                        actor,
                        "image.import",
                        target(name),
                        before.orElse(null),
                        find(name).orElseThrow());
            });
            return find(name).orElseThrow();
        } catch (ArchiveException | RegistryException e) {
            throw ProblemException.invalid("archive", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deleteUnknown(unsure);
        }
    }

    /** Takes every image of an archive under the name that the archive has for it: what {@link #export} wrote, say. */
    public List<ImageView> load(Actor actor, Path archive) {
        List<String> names = names(archive);
        List<ImageName> parsed = names.stream().map(ImageService::ownName).toList();
        List<ImageView> loaded = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            loaded.add(importArchive(actor, archive, parsed.get(i), names.get(i)));
        }
        return loaded;
    }

    private static List<String> names(Path archive) {
        try {
            List<String> names = ArchiveImport.names(new Archive(archive));
            if (names.isEmpty()) {
                throw ProblemException.invalid(
                        "archive", "it has no names for its images; import one of them under a name");
            }
            return names;
        } catch (ArchiveException | RegistryException e) {
            throw ProblemException.invalid("archive", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ImageName ownName(String name) {
        try {
            ImageName parsed = ImageName.parse(name);
            requireLocalTag(parsed);
            return parsed;
        } catch (IllegalArgumentException | ProblemException e) {
            throw ProblemException.invalid(
                    "archive",
                    "it calls an image \"" + name + "\", and images that are kept here are called flotilla/NAME:TAG;"
                            + " import it under such a name");
        }
    }

    /** One more name for what a name means now, or for a digest. */
    public ImageView tag(Actor actor, ImageName source, ImageName target) {
        requireLocalTag(target);
        List<Digest> freed = transactions.call(() -> {
            store.lock();
            Digest digest = meaning("source", source);
            Optional<ImageView> before = find(target);
            store.putTag(
                    target.repository(),
                    String.valueOf(target.tag()),
                    digest,
                    false,
                    clock.instant().truncatedTo(ChronoUnit.MILLIS));
            audit.record(
                    actor,
                    "image.tag",
                    target(target),
                    before.orElse(null),
                    find(target).orElseThrow());
            return store.deleteUnreachable();
        });
        deleteUnknown(freed);
        return find(target).orElseThrow();
    }

    /** The index or manifest that a name of this store leads to. */
    private Digest meaning(String field, ImageName name) {
        Optional<Digest> digest = name.isLocal()
                ? name.digest() == null
                        ? tag(name.repository(), String.valueOf(name.tag()))
                        : content(name.digest()).filter(ImageService::isRoot).map(Descriptor::digest)
                : Optional.empty();
        return digest.filter(content::has)
                .orElseThrow(
                        () -> ProblemException.invalid(field, "there is no image \"" + name + "\" that is kept here"));
    }

    /** The index or manifest that a name of this store leads to, with what it is served as. */
    Descriptor root(String field, ImageName name) {
        return content(meaning(field, name)).orElseThrow();
    }

    private static boolean isRoot(Descriptor descriptor) {
        return MediaTypes.isIndex(descriptor.mediaType()) || MediaTypes.isManifest(descriptor.mediaType());
    }

    /** Images as an archive, to be written while it is read. */
    public ArchiveExport export(List<ImageName> names) {
        Map<ImageName, Descriptor> roots = new LinkedHashMap<>();
        for (ImageName name : names) {
            if (name.digest() != null) {
                throw ProblemException.invalid("name", "\"" + name + "\" names a digest; give the image a tag first");
            }
            roots.put(name, root("name", name));
        }
        return new ArchiveExport(this, roots);
    }

    private static void requireLocalTag(ImageName name) {
        if (!name.isLocal() || name.digest() != null || name.tag() == null) {
            throw ProblemException.invalid(
                    "name", "images that are kept here are called flotilla/NAME:TAG, not \"" + name + "\"");
        }
        if (name.repository().equals(SampleImage.REPOSITORY) && SampleImage.TAG.equals(name.tag())) {
            throw ProblemException.invalid("name", "\"" + name + "\" is the bundled sample");
        }
    }

    /** Forgets a name; content goes that no other name and no workload needs. */
    public void delete(Actor actor, ImageName name) {
        requireLocalTag(name);
        List<Digest> freed = transactions.call(() -> {
            store.lock();
            ImageView before = find(name).orElseThrow(() -> ProblemException.notFound("image", name.familiar()));
            store.deleteTag(name.repository(), String.valueOf(name.tag()));
            audit.record(actor, "image.delete", target(name), before, null);
            return store.deleteUnreachable();
        });
        deleteUnknown(freed);
    }

    /** Deletes the files of those that no row speaks of; after the transaction that made it so, which could have failed. */
    private void deleteUnknown(Collection<Digest> unsure) {
        if (unsure.isEmpty()) {
            return;
        }
        transactions.run(() -> {
            store.lock();
            try {
                for (Digest digest : unsure) {
                    if (store.blob(digest).isEmpty()) {
                        content.delete(digest);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static Target target(ImageName name) {
        return new Target("image", null, name.familiar(), null);
    }

    /** What the registry's interface serves: content that the database knows, by digest. */
    public Optional<Descriptor> content(Digest digest) {
        return store.blob(digest).filter(b -> content.has(digest));
    }

    /** Whether only another control plane on the same database has content that this one should have. */
    public boolean elsewhere(Digest digest) {
        return !content.has(digest) && store.blob(digest).isPresent();
    }

    /** Where content lies. */
    public Path file(Digest digest) {
        return content.file(digest);
    }

    /** The digest of a tag. */
    public Optional<Digest> tag(String repository, String tag) {
        return store.tag(repository, tag).map(ImageStore.TagRow::digest);
    }

    /** A file to receive an upload in; the caller deletes it. */
    public Path incomingFile() {
        try {
            return content.incomingFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The platforms that an image exists for. */
    List<Platform> platforms(Digest digest) {
        return switch (document(digest)) {
            case Index index -> index.platforms();
            case Manifest manifest -> List.of(config(manifest).platform());
        };
    }

    ImageDocument document(Digest digest) {
        try {
            return Documents.read(Files.readAllBytes(content.file(digest)), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    io.flotilla.protocol.registry.ImageConfig config(Manifest manifest) {
        try {
            return Documents.readConfig(
                    Files.readAllBytes(content.file(manifest.config().digest())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
