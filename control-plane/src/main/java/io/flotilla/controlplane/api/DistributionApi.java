package io.flotilla.controlplane.api;

import io.flotilla.controlplane.dispatch.RegistryTokens;
import io.flotilla.controlplane.image.ImageService;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.MediaTypes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.FileSystemResource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * The reading half of the OCI distribution specification, for enrolled nodes while their session lasts: manifests by tag or
 * digest, blobs by digest, ranges included.
 */
@RestController
class DistributionApi {

    private static final Pattern PATH = Pattern.compile("/v2/(.+)/(manifests|blobs)/([^/]+)");
    private static final String BEARER = "Bearer ";

    private final ImageService images;
    private final RegistryTokens tokens;

    DistributionApi(ImageService images, RegistryTokens tokens) {
        this.images = images;
        this.tokens = tokens;
    }

    @GetMapping("/v2/**")
    ResponseEntity<?> get(
            ServerHttpRequest request,
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization) {
        if (authorization == null
                || !authorization.startsWith(BEARER)
                || tokens.node(authorization.substring(BEARER.length())).isEmpty()) {
            return ResponseEntity.status(HttpStatus.UNAUTHORIZED)
                    .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"flotilla\"")
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(error("UNAUTHORIZED", "only nodes with a session may read images here"));
        }
        String path = request.getPath().pathWithinApplication().value();
        if (path.equals("/v2/")) {
            return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(Map.of());
        }
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return notFound("UNSUPPORTED", "this registry serves manifests and blobs");
        }
        boolean manifest = matcher.group(2).equals("manifests");
        Optional<Digest> digest = digest(matcher.group(1), matcher.group(3), manifest);
        String elsewhere = digest.filter(images::elsewhere).isPresent()
                ? " here; it was imported at another control plane of this installation and has to be at this one, too"
                : "";
        return digest.flatMap(images::content)
                .filter(d -> manifest == isDocument(d))
                .<ResponseEntity<?>>map(this::serve)
                .orElseGet(() ->
                        notFound(manifest ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN", "there is no " + path + elsewhere));
    }

    private Optional<Digest> digest(String repository, String reference, boolean manifest) {
        if (reference.contains(":")) {
            try {
                return Optional.of(new Digest(reference));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
        return manifest ? images.tag(repository, reference) : Optional.empty();
    }

    private static boolean isDocument(Descriptor descriptor) {
        return MediaTypes.isIndex(descriptor.mediaType()) || MediaTypes.isManifest(descriptor.mediaType());
    }

    private ResponseEntity<FileSystemResource> serve(Descriptor descriptor) {
        return ResponseEntity.ok()
                .contentType(
                        isDocument(descriptor)
                                ? MediaType.parseMediaType(descriptor.mediaType())
                                : MediaType.APPLICATION_OCTET_STREAM)
                .header("Docker-Content-Digest", descriptor.digest().value())
                .body(new FileSystemResource(images.file(descriptor.digest())));
    }

    private static ResponseEntity<?> notFound(String code, String message) {
        return ResponseEntity.status(HttpStatus.NOT_FOUND)
                .contentType(MediaType.APPLICATION_JSON)
                .body(error(code, message));
    }

    private static Map<String, Object> error(String code, String message) {
        return Map.of("errors", List.of(Map.of("code", code, "message", message)));
    }
}
