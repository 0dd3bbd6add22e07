package io.flotilla.controlplane.image;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.image.ImageInspection.Layer;
import io.flotilla.controlplane.image.ImageInspection.Step;
import io.flotilla.controlplane.image.ImageInspection.User;
import io.flotilla.controlplane.image.ImageInspection.Variant;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.workload.WorkloadService;
import io.flotilla.controlplane.workload.WorkloadView;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.BadDocumentException;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.ImageConfig;
import io.flotilla.protocol.registry.ImageDocument;
import io.flotilla.protocol.registry.Index;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.MediaTypes;
import io.flotilla.protocol.registry.Platform;
import io.flotilla.protocol.registry.RemoteRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Service;

/** Takes images apart for people, wherever they are kept. */
@Service
public class Inspector {

    /** Of an index with more platforms the rest is not shown: at a registry each costs two requests. */
    private static final int MOST_VARIANTS = 16;

    private static final int PAGE = 200;

    private final ImageService images;
    private final Resolver resolver;
    private final WorkloadService workloads;

    Inspector(ImageService images, Resolver resolver, WorkloadService workloads) {
        this.images = images;
        this.resolver = resolver;
        this.workloads = workloads;
    }

    /** Where an image's documents are read. */
    private interface Source {

        ImageDocument document(Digest digest) throws IOException;

        byte[] config(Descriptor descriptor) throws IOException;

        /** An index may name images that were never imported. */
        boolean has(Digest digest);
    }

    /** @throws ProblemException naming the field {@code image} */
    public ImageInspection inspect(Actor actor, ImageName image) {
        Digest digest = resolver.details(actor, image).digest();
        return resolver.asking("image", () -> {
            Source source = image.isLocal() ? new Own() : new Remote(resolver.open(image));
            ImageDocument document = source.document(digest);
            return new ImageInspection(
                    image, digest, document.mediaType(), variants(source, digest, document), users(actor, digest));
        });
    }

    private final class Own implements Source {

        @Override
        public ImageDocument document(Digest digest) {
            return images.document(digest);
        }

        @Override
        public byte[] config(Descriptor descriptor) throws IOException {
            return Files.readAllBytes(images.file(descriptor.digest()));
        }

        @Override
        public boolean has(Digest digest) {
            return images.content(digest).isPresent();
        }
    }

    private record Remote(RemoteRepository repository) implements Source {

        @Override
        public ImageDocument document(Digest digest) throws IOException {
            return repository.document(digest).document();
        }

        @Override
        public byte[] config(Descriptor descriptor) throws IOException {
            return repository.small(descriptor, "the config");
        }

        @Override
        public boolean has(Digest digest) {
            return true;
        }
    }

    private static List<Variant> variants(Source source, Digest digest, ImageDocument document) throws IOException {
        return switch (document) {
            case Manifest manifest -> List.of(variant(source, digest, manifest));
            case Index index -> {
                List<Variant> variants = new ArrayList<>();
                for (Descriptor each : index.manifests()) {
                    Platform platform = each.platform();
                    boolean attestation = platform != null && platform.os().equals("unknown");
                    if (variants.size() < MOST_VARIANTS
                            && !attestation
                            && MediaTypes.isManifest(each.mediaType())
                            && source.has(each.digest())
                            && source.document(each.digest()) instanceof Manifest manifest) {
                        variants.add(variant(source, each.digest(), manifest));
                    }
                }
                yield variants;
            }
        };
    }

    private static Variant variant(Source source, Digest digest, Manifest manifest) throws IOException {
        ImageConfig config = Documents.readConfig(source.config(manifest.config()));
        List<Digest> diffIds = config.rootfs().diffIds();
        if (diffIds.size() != manifest.layers().size()) {
            throw new BadDocumentException("the manifest " + digest + " names "
                    + manifest.layers().size() + " layers, its config " + diffIds.size());
        }
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < diffIds.size(); i++) {
            Descriptor layer = manifest.layers().get(i);
            layers.add(new Layer(layer.digest(), diffIds.get(i), layer.mediaType(), layer.size()));
        }
        return new Variant(
                config.platform().toString(),
                digest,
                config.created(),
                config.author(),
                manifest.downloadBytes().orElse(0),
                ImageInspection.Config.of(config.config()),
                layers,
                history(config.history(), layers));
    }

    /** The history names layers by their order only; one that does not add up leaves its last steps without a layer. */
    static List<Step> history(List<ImageConfig.History> history, List<Layer> layers) {
        List<Step> steps = new ArrayList<>();
        int next = 0;
        for (ImageConfig.History each : history) {
            boolean adds = !each.emptyLayer() && next < layers.size();
            steps.add(new Step(each.created(), each.createdBy(), each.comment(), adds ? layers.get(next++) : null));
        }
        return steps;
    }

    private List<User> users(Actor actor, Digest digest) {
        List<User> users = new ArrayList<>();
        List<WorkloadView> page = workloads.list(actor, null, null, PAGE);
        while (!page.isEmpty()) {
            page.stream()
                    .filter(w -> digest.equals(w.spec().digest()))
                    .forEach(w -> users.add(new User(w.id(), w.name(), w.team(), w.revision())));
            page = page.size() < PAGE
                    ? List.of()
                    : workloads.list(actor, null, page.getLast().id(), PAGE);
        }
        return users;
    }
}
