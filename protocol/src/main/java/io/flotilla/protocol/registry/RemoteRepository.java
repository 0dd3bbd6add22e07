package io.flotilla.protocol.registry;

import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One repository of one registry, to be read (OCI distribution specification, "pull"). Several threads may read blobs at
 * once; they share the login. Mirrors are asked first; what is known by its digest they cannot falsify.
 */
public final class RemoteRepository {

    private final ImageName name;
    private final List<RegistryHost> mirrors;
    private final RegistryHost origin;
    private final Hashing hashing;
    /** Mirrors that are not asked any more, and why. */
    private final Map<RegistryHost, String> givenUp = new ConcurrentHashMap<>();

    RemoteRepository(ImageName name, List<RegistryHost> mirrors, RegistryHost origin, Hashing hashing) {
        this.name = name;
        this.mirrors = List.copyOf(mirrors);
        this.origin = origin;
        this.hashing = hashing;
    }

    /** Whether a mirror is asked before the registry itself. */
    public boolean hasMirrors() {
        return !mirrors.isEmpty();
    }

    /** The same repository at the registry itself, for content that came wrong from a mirror. */
    public RemoteRepository withoutMirrors() {
        return new RemoteRepository(name, List.of(), origin, hashing);
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
        return ask(host -> {
            try (InputStream in = blob(descriptor, subject, (from, _) -> get(host, descriptor, from, subject))) {
                return in.readAllBytes();
            } catch (IOException e) {
                throw host.away(e);
            }
        });
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
        return blob(
                descriptor,
                subject,
                // Where a mirror breaks down in the middle, the registry itself goes on from there.
                (from, breaks) -> breaks > 1
                        ? get(origin, descriptor, from, subject)
                        : ask(host -> get(host, descriptor, from, subject)));
    }

    private VerifiedStream blob(Descriptor descriptor, String subject, ResumingStream.Source source)
            throws IOException {
        ResumingStream stream = new ResumingStream(source, origin.timeouts().pause());
        try {
            stream.open();
        } catch (IOException e) {
            throw origin.away(e);
        }
        return new VerifiedStream(stream, descriptor, subject + " of " + name, hashing);
    }

    private HttpResponse<BodyStream> get(RegistryHost host, Descriptor descriptor, long from, String subject)
            throws IOException {
        return host.get("/blobs/" + descriptor.digest(), "*/*", from, subject + " of " + name);
    }

    private interface Request<T> {
        T to(RegistryHost host) throws IOException;
    }

    /** Asks one server after the other; the failure is the registry's own and tells of the mirrors' as well. */
    private <T> T ask(Request<T> request) throws IOException {
        for (RegistryHost mirror : mirrors) {
            if (!givenUp.containsKey(mirror)) {
                try {
                    return request.to(mirror);
                } catch (UnknownImageException e) {
                    // It may have the next thing; what it has not is no failure of its own.
                } catch (RegistryException e) {
                    givenUp.put(mirror, String.valueOf(e.getMessage()));
                }
            }
        }
        try {
            return request.to(origin);
        } catch (RegistryException e) {
            e.note(mirrors.stream()
                    .filter(givenUp::containsKey)
                    .map(m -> "; before that: " + givenUp.get(m))
                    .collect(Collectors.joining()));
            throw e;
        }
    }

    private Fetched document(String reference, @Nullable Digest wanted, String subject) throws IOException {
        return ask(host -> document(host, reference, wanted, subject));
    }

    private static Fetched document(RegistryHost host, String reference, @Nullable Digest wanted, String subject)
            throws IOException {
        HttpResponse<BodyStream> answer =
                host.get("/manifests/" + reference, MediaTypes.ACCEPTED_DOCUMENTS, 0, "image \"" + subject + "\"");
        byte[] bytes;
        try (BodyStream body = answer.body()) {
            bytes = body.readNBytes(Documents.LONGEST + 1);
        } catch (IOException e) {
            throw host.away(e);
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
}
