package io.flotilla.controlplane.image;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.workload.ImageResolver;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.BadDocumentException;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.ImageConfig;
import io.flotilla.protocol.registry.ImageDocument;
import io.flotilla.protocol.registry.Index;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.MediaTypes;
import io.flotilla.protocol.registry.Platform;
import io.flotilla.protocol.registry.RegistryAwayException;
import io.flotilla.protocol.registry.RegistryClient;
import io.flotilla.protocol.registry.RegistryException;
import io.flotilla.protocol.registry.RemoteRepository;
import io.flotilla.protocol.registry.RepositoryWriter;
import io.flotilla.protocol.registry.TooManyRequestsException;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;

/** Finds out what a name means now: {@code flotilla/...} in the own store and nowhere else, all others at their registry. */
@Service
public class Resolver implements ImageResolver {

    private final ImageService images;
    private final RegistryLoginService logins;
    private final RegistryClient registries = new RegistryClient();

    Resolver(ImageService images, RegistryLoginService logins) {
        this.images = images;
        this.logins = logins;
    }

    @PreDestroy
    void close() {
        registries.close();
    }

    @Override
    public Resolved resolve(Actor actor, ImageName image) {
        ImageDetails details = details(actor, image);
        return new Resolved(
                details.digest(),
                details.platforms().stream().map(p -> p.split("/", -1)[1]).collect(Collectors.toSet()));
    }

    /**
     * The digest, the platforms and what the image would run.
     *
     * @throws ProblemException naming the field {@code image}
     */
    public ImageDetails details(Actor actor, ImageName image) {
        if (!image.isLocal()) {
            logins.requireMayAsk(actor, image);
        }
        return asking("image", () -> image.isLocal() ? local(image) : remote(image));
    }

    /** What asks a registry. */
    interface Asking<T> {
        T ask() throws IOException;
    }

    /** Names the cause of a failure at the field that named the registry. */
    <T> T asking(String field, Asking<T> asking) {
        try {
            return asking.ask();
        } catch (RegistryAwayException | TooManyRequestsException e) {
            throw ProblemException.unavailable(field, String.valueOf(e.getMessage()));
        } catch (RegistryException e) {
            throw ProblemException.invalid(field, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ImageDetails local(ImageName image) {
        Digest digest = image.digest() != null
                ? images.content(image.digest())
                        .filter(d -> MediaTypes.isIndex(d.mediaType()) || MediaTypes.isManifest(d.mediaType()))
                        .orElseThrow(() -> unknown(image))
                        .digest()
                : images.tag(image.repository(), String.valueOf(image.tag())).orElseThrow(() -> unknown(image));
        if (images.elsewhere(digest)) {
            throw ProblemException.invalid(
                    "image",
                    "\"" + image + "\" was imported at another control plane of this installation, which alone has its"
                            + " content; import it at this one, too");
        }
        ImageDocument document = images.document(digest);
        Manifest first = document instanceof Manifest manifest ? manifest : firstOf((Index) document);
        return details(image, digest, images.platforms(digest), first, images.config(first));
    }

    private Manifest firstOf(Index index) {
        return index.manifests().stream()
                .filter(m -> MediaTypes.isManifest(m.mediaType())
                        && images.content(m.digest()).isPresent())
                .map(m -> images.document(m.digest()))
                .filter(Manifest.class::isInstance)
                .map(Manifest.class::cast)
                .findFirst()
                .orElseThrow(() -> ProblemException.invalid("image", "the image's index leads to no image"));
    }

    private static ProblemException unknown(ImageName image) {
        return ProblemException.invalid(
                "image",
                "there is no image \"" + image
                        + "\" in the control plane, where names beginning with flotilla/ are kept"
                        + " (for Docker Hub write docker.io/" + image + ")");
    }

    RemoteRepository open(ImageName image) throws IOException {
        return registries.open(image, logins.access(image));
    }

    RepositoryWriter openToWrite(ImageName image, Set<String> readable) throws IOException {
        return registries.openToWrite(image, logins.access(image), readable);
    }

    private ImageDetails remote(ImageName image) throws IOException {
        RemoteRepository repository = open(image);
        RemoteRepository.Fetched found = repository.resolve();
        Manifest first;
        List<Platform> platforms = new ArrayList<>();
        switch (found.document()) {
            case Manifest manifest -> first = manifest;
            case Index index -> {
                platforms.addAll(index.platforms());
                first = firstOf(repository, index);
            }
        }
        ImageConfig config = Documents.readConfig(repository.small(first.config(), "the config"));
        if (platforms.isEmpty()) {
            platforms.add(config.platform());
        }
        return details(image, found.descriptor().digest(), platforms, first, config);
    }

    private static Manifest firstOf(RemoteRepository repository, Index index) throws IOException {
        Digest preferred = index.select(Platform.here())
                .or(() -> index.manifests().stream()
                        .filter(m -> MediaTypes.isManifest(m.mediaType()))
                        .findFirst())
                .orElseThrow(() -> new BadDocumentException("the image's index leads to no image"))
                .digest();
        if (repository.document(preferred).document() instanceof Manifest manifest) {
            return manifest;
        }
        throw new BadDocumentException("the image's index leads to another index");
    }

    private static ImageDetails details(
            ImageName image, Digest digest, List<Platform> platforms, Manifest manifest, ImageConfig config) {
        List<String> command = new ArrayList<>(config.config().entrypoint());
        command.addAll(config.config().cmd());
        return new ImageDetails(
                image,
                digest,
                platforms.stream().map(Platform::toString).toList(),
                manifest.downloadBytes().orElse(0),
                command,
                config.config().exposedPorts().stream().sorted().toList());
    }
}
