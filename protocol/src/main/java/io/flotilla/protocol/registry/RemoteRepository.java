package io.flotilla.protocol.registry;

import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One repository of one registry, to be read (OCI distribution specification, "pull"). Several threads may read blobs at
 * once; they share the login.
 */
public final class RemoteRepository {

    private static final int MOST_REDIRECTS = 5;
    private static final int MOST_TRIES = 3;
    private static final int MOST_LOGINS = 2;

    private final Http http;
    private final ImageName name;
    private final String registry;
    private final URI base;
    private final boolean insecure;
    private final Authorization authorization;

    RemoteRepository(Http http, ImageName name, URI base, RegistryAccess access) {
        this.http = http;
        this.name = name;
        this.base = base;
        this.insecure = access.insecure();
        this.registry = name.isLocal() ? "of the control plane" : name.registry();
        this.authorization = new Authorization(http, registry, name.repository(), access);
    }

    /** What a fetched document is: its digest, the kind, and the very bytes. */
    public record Fetched(Descriptor descriptor, ImageDocument document, Bytes bytes) {}

    /** What the name's own tag or digest leads to. */
    public Fetched resolve() throws IOException {
        return document(name.reference(), name.digest(), name.familiar());
    }

    /** A manifest or index by digest. */
    public Fetched document(Digest digest) throws IOException {
        return document(digest.value(), digest, name.at(digest).familiar());
    }

    /**
     * What is right for a machine: the document itself if it is a manifest, else the index's entry.
     *
     * @throws WrongPlatformException naming the platforms that there are
     */
    public Fetched select(Fetched found, Platform machine) throws IOException {
        if (!(found.document() instanceof Index index)) {
            return found;
        }
        Optional<Descriptor> manifest = index.select(machine);
        if (manifest.isEmpty()) {
            throw new WrongPlatformException("image \"" + name + "\" does not exist for " + machine + ", only for "
                    + (index.platforms().isEmpty() ? "no platform at all" : join(index)));
        }
        return document(manifest.get().digest());
    }

    private static String join(Index index) {
        return String.join(
                ", ", index.platforms().stream().map(Platform::toString).toList());
    }

    /** A whole small blob, verified. */
    public byte[] small(Descriptor descriptor, String subject) throws IOException {
        if (descriptor.size() > Documents.LONGEST) {
            throw new BadDocumentException(subject + " of " + name + " claims " + descriptor.size() + " bytes");
        }
        try (InputStream in = blob(descriptor, subject)) {
            return in.readAllBytes();
        }
    }

    /** The config of a manifest's image, verified; its platform must be one that the machine runs. */
    public ImageConfig config(Manifest manifest, Platform machine) throws IOException {
        ImageConfig config = Documents.readConfig(small(manifest.config(), "the config"));
        if (!machine.runs(config.platform())) {
            throw new WrongPlatformException(
                    "image \"" + name + "\" is for " + config.platform() + ", this machine is " + machine);
        }
        return config;
    }

    /**
     * A blob as a stream that fails at its end if size or digest are wrong. A connection that breaks is taken up again
     * where it broke.
     *
     * @param subject for messages: "layer 2 of 5"
     */
    public VerifiedStream blob(Descriptor descriptor, String subject) throws IOException {
        ResumingStream stream = new ResumingStream(
                from -> get("/blobs/" + descriptor.digest(), "*/*", from, subject + " of " + name),
                http.timeouts().pause());
        try {
            stream.open();
        } catch (IOException e) {
            throw away(e);
        }
        return new VerifiedStream(stream, descriptor, subject + " of " + name);
    }

    private Fetched document(String reference, @Nullable Digest wanted, String subject) throws IOException {
        HttpResponse<BodyStream> answer =
                get("/manifests/" + reference, MediaTypes.ACCEPTED_DOCUMENTS, 0, "image \"" + subject + "\"");
        byte[] bytes;
        try (BodyStream body = answer.body()) {
            bytes = body.readNBytes(Documents.LONGEST + 1);
        } catch (IOException e) {
            throw away(e);
        }
        if (bytes.length > Documents.LONGEST) {
            throw new BadDocumentException("image \"" + subject + "\": the manifest is longer than 4 MiB");
        }
        Digest digest = digestOf(bytes, wanted);
        if (wanted != null && !digest.equals(wanted)) {
            throw new BadDigestException("image \"" + subject + "\": the manifest that came has the digest " + digest);
        }
        try {
            ImageDocument document = Documents.read(
                    bytes, answer.headers().firstValue("Content-Type").orElse(null));
            return new Fetched(new Descriptor(document.mediaType(), digest, bytes.length), document, Bytes.of(bytes));
        } catch (BadDocumentException e) {
            throw new BadDocumentException("image \"" + subject + "\": " + e.getMessage());
        }
    }

    private static Digest digestOf(byte[] bytes, @Nullable Digest wanted) {
        if (wanted == null) {
            return Digest.sha256(bytes);
        }
        var digester = wanted.digester();
        digester.update(bytes);
        return Digest.of(digester);
    }

    private HttpResponse<BodyStream> get(String path, String accept, long from, String subject) throws IOException {
        URI uri = URI.create(base + "/v2/" + name.repository() + path);
        int logins = 0;
        for (int attempt = 1; ; attempt++) {
            HttpResponse<BodyStream> answer;
            String used = authorization.header();
            try {
                answer = follow(uri, accept, used, from);
            } catch (RegistryException e) {
                throw e;
            } catch (IOException e) {
                if (attempt >= MOST_TRIES || Thread.currentThread().isInterrupted()) {
                    throw away(e);
                }
                Pause.before(attempt, http.timeouts().pause());
                continue;
            }
            int status = answer.statusCode();
            if (status == 200 || status == 206) {
                return answer;
            }
            String body = Http.brief(answer.body());
            boolean fromRegistry = Origin.of(answer.uri()).equals(Origin.of(base));
            if (status == 401
                    && fromRegistry
                    && logins++ < MOST_LOGINS
                    && authorization.renew(used, answer, Origin.of(base))) {
                attempt--;
                continue;
            }
            if (status >= 502 && status <= 504 && attempt < MOST_TRIES) {
                Pause.before(attempt, http.timeouts().pause());
                continue;
            }
            throw Refusals.of(answer, body, registry, subject, used != null);
        }
    }

    /** A redirect, to a store of blobs say, gets the credentials only if it stays on the same scheme, host and port. */
    private HttpResponse<BodyStream> follow(URI start, String accept, @Nullable String header, long from)
            throws IOException {
        Origin home = Origin.of(base);
        URI uri = start;
        for (int hops = 0; hops <= MOST_REDIRECTS; hops++) {
            Origin origin = Origin.of(uri);
            HttpResponse<BodyStream> answer = http.get(uri, accept, origin.equals(home) ? header : null, from);
            if (!isRedirect(answer.statusCode())) {
                return answer;
            }
            answer.body().close();
            uri = target(uri, answer.headers().firstValue("Location").orElse(""));
        }
        throw new RegistryRefusedException(
                "registry " + registry + " redirects more than " + MOST_REDIRECTS + " times");
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private URI target(URI from, String location) throws RegistryException {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new RegistryRefusedException(
                    "registry " + registry + " redirects to \"" + location + "\", which is no URL");
        }
        Origin origin = Origin.of(to);
        boolean plainAllowed = !Origin.of(from).isSecure()
                && origin.scheme().equals("http")
                && (insecure || origin.isLoopback() || origin.equals(Origin.of(base)));
        if (to.getHost() == null || to.getRawUserInfo() != null || !(origin.isSecure() || plainAllowed)) {
            throw new RegistryRefusedException("registry " + registry + " redirects to " + origin.scheme() + "://"
                    + origin.host() + ", which does not use TLS or is no place for blobs");
        }
        return to;
    }

    private RegistryException away(IOException e) {
        if (e instanceof RegistryException named) {
            return named;
        }
        return new RegistryAwayException("registry " + registry + " is away: " + Http.reason(e), e);
    }
}
