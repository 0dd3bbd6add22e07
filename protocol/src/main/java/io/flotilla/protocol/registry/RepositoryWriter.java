package io.flotilla.protocol.registry;

import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.ImageName;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One repository of one registry, to be written (OCI distribution specification, "push"): first an image's blobs, then the
 * manifests that name them. Mirrors have no part in it.
 */
public final class RepositoryWriter {

    private static final Set<Integer> FOUND = Set.of(200, 301, 302, 303, 307, 308);
    private static final int MISSING = 404;
    private static final int CREATED = 201;
    private static final int ACCEPTED = 202;

    private final ImageName name;
    private final RegistryHost host;

    RepositoryWriter(ImageName name, RegistryHost host) {
        this.name = name;
        this.host = host;
    }

    /** How a blob came to be there. */
    public enum Placed {
        /** It was there already. */
        PRESENT,
        /** The registry took it from another one of its repositories. */
        MOUNTED,
        UPLOADED
    }

    /**
     * Makes sure that the repository has a blob.
     *
     * @param from another repository of the same registry that is thought to have it; null if none is known
     */
    public Placed blob(Descriptor blob, Path file, @Nullable String from) throws IOException {
        String subject = blob.digest() + " of " + name;
        Set<Integer> known = new java.util.HashSet<>(FOUND);
        known.add(MISSING);
        if (host.write("HEAD", "/blobs/" + blob.digest(), RegistryHost.Content.NONE, known, subject)
                        .statusCode()
                != MISSING) {
            return Placed.PRESENT;
        }
        String mount = from == null ? "" : "?mount=" + encode(blob.digest().value()) + "&from=" + encode(from);
        HttpResponse<?> begun = host.write(
                "POST", "/blobs/uploads/" + mount, RegistryHost.Content.NONE, Set.of(CREATED, ACCEPTED), subject);
        if (begun.statusCode() == CREATED) {
            return Placed.MOUNTED;
        }
        String place = begun.headers().firstValue("Location").orElse("");
        host.write(
                "PUT",
                place + (place.contains("?") ? "&" : "?") + "digest="
                        + encode(blob.digest().value()),
                new RegistryHost.Content("application/octet-stream", BodyPublishers.ofFile(file), blob.size()),
                Set.of(CREATED),
                subject);
        return Placed.UPLOADED;
    }

    /**
     * Stores a manifest or an index, whose parts must be there.
     *
     * @param reference a tag, or its own digest
     */
    public void document(Descriptor document, Bytes bytes, String reference) throws IOException {
        host.write(
                "PUT",
                "/manifests/" + reference,
                new RegistryHost.Content(
                        document.mediaType(), BodyPublishers.ofByteArray(bytes.array()), document.size()),
                Set.of(CREATED),
                "image \"" + name + "\"");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
