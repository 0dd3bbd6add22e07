package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.image.ArchiveExport;
import io.flotilla.controlplane.image.ImageDetails;
import io.flotilla.controlplane.image.ImageInspection;
import io.flotilla.controlplane.image.ImageService;
import io.flotilla.controlplane.image.ImageView;
import io.flotilla.controlplane.image.Inspector;
import io.flotilla.controlplane.image.Pushed;
import io.flotilla.controlplane.image.Pushes;
import io.flotilla.controlplane.image.Resolver;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.ImageName;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Images that the control plane keeps, and what other names mean. */
@RestController
class ImagesApi {

    /** A name of an image that is kept here, and what it shall be called as well. */
    record TagBody(String source, String target) {}

    /** An image that is kept here, and what a registry shall call it. */
    record PushBody(String name, String target) {}

    private final ImageService images;
    private final Pushes pushes;
    private final Inspector inspector;
    private final Resolver resolver;
    private final Scheduler blocking;

    ImagesApi(ImageService images, Pushes pushes, Inspector inspector, Resolver resolver, Scheduler blocking) {
        this.images = images;
        this.pushes = pushes;
        this.inspector = inspector;
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
        return received(request, file -> images.importArchive(actor, file, parsed, image));
    }

    private <T> Mono<T> received(ServerHttpRequest request, Function<Path, T> use) {
        return Mono.usingWhen(
                Mono.fromCallable(images::incomingFile).subscribeOn(blocking),
                file -> DataBufferUtils.write(request.getBody(), file)
                        .then(Mono.fromCallable(() -> use.apply(file)).subscribeOn(blocking)),
                file -> Mono.fromRunnable(() -> delete(file)).subscribeOn(blocking));
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that is known of an image, by its own documents; asks its registry. */
    @GetMapping("/api/v1/images/inspect")
    ImageInspection inspect(Actor actor, @RequestParam String image) {
        return inspector.inspect(actor, name("image", image));
    }

    /** One more name for an image. */
    @PostMapping("/api/v1/images/tag")
    ImageView tag(Actor actor, @RequestBody TagBody body) {
        return images.tag(actor, name("source", body.source()), name("target", body.target()));
    }

    /** Sends an image to a registry; answers when it is there. */
    @PostMapping("/api/v1/images/push")
    Pushed push(Actor actor, @RequestBody PushBody body) {
        return pushes.push(actor, name("name", body.name()), name("target", body.target()));
    }

    /** Takes every image of an archive under the archive's own name for it. */
    @PostMapping("/api/v1/images/load")
    @ResponseStatus(HttpStatus.CREATED)
    Mono<Items<ImageView>> load(Actor actor, ServerHttpRequest request) {
        return received(request, file -> Items.whole(images.load(actor, file)));
    }

    /** Images as one archive that is an OCI image layout and what {@code docker load} reads. */
    @GetMapping("/api/v1/images/archive")
    Mono<ResponseEntity<Flux<DataBuffer>>> save(
            Actor actor, @RequestParam("name") List<String> names, ServerHttpResponse response) {
        return Mono.fromCallable(() ->
                        images.export(names.stream().map(n -> name("name", n)).toList()))
                .subscribeOn(blocking)
                .map(export -> ResponseEntity.ok()
                        .contentType(MediaType.parseMediaType("application/x-tar"))
                        .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"images.tar\"")
                        .body(Flux.from(DataBufferUtils.outputStreamPublisher(
                                out -> write(export, out), response.bufferFactory(), blocking::schedule))));
    }

    private static void write(ArchiveExport export, OutputStream out) {
        try {
            export.writeTo(out);
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
