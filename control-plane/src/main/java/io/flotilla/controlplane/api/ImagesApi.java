package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.image.ImageDetails;
import io.flotilla.controlplane.image.ImageService;
import io.flotilla.controlplane.image.ImageView;
import io.flotilla.controlplane.image.Resolver;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.ImageName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Images that the control plane keeps, and what other names mean. */
@RestController
class ImagesApi {

    private final ImageService images;
    private final Resolver resolver;
    private final Scheduler blocking;

    ImagesApi(ImageService images, Resolver resolver, Scheduler blocking) {
        this.images = images;
        this.resolver = resolver;
        this.blocking = blocking;
    }

    @GetMapping("/api/v1/images")
    Items<ImageView> list(Actor actor) {
        return Items.whole(images.list());
    }

    /** What a name means now; asks its registry. */
    @GetMapping("/api/v1/images/resolve")
    ImageDetails resolve(Actor actor, @RequestParam String image) {
        return resolver.details(actor, name("image", image));
    }

    /** The body is the archive itself; it goes to disk as it comes, so its size is bounded by the disk only. */
    @PostMapping("/api/v1/images")
    @ResponseStatus(HttpStatus.CREATED)
    Mono<ImageView> importArchive(
            Actor actor,
            @RequestParam String name,
            @RequestParam(required = false) @Nullable String image,
            ServerHttpRequest request) {
        ImageName parsed = name("name", name);
        return Mono.usingWhen(
                Mono.fromCallable(images::incomingFile).subscribeOn(blocking),
                file -> DataBufferUtils.write(request.getBody(), file)
                        .then(Mono.fromCallable(() -> images.importArchive(actor, file, parsed, image))
                                .subscribeOn(blocking)),
                file -> Mono.fromRunnable(() -> delete(file)).subscribeOn(blocking));
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @DeleteMapping("/api/v1/images")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(Actor actor, @RequestParam String name) {
        images.delete(actor, name("name", name));
    }

    private static ImageName name(String field, String text) {
        try {
            return ImageName.parse(text);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid(field, String.valueOf(e.getMessage()));
        }
    }
}
