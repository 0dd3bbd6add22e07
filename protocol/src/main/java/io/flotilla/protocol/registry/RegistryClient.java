package io.flotilla.protocol.registry;

import io.flotilla.protocol.ImageName;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Reads images from registries and writes them (OCI distribution specification 1.1). Plain HTTP is spoken only with this machine or with a
 * registry that was named insecure, and even there only if it does not speak TLS. Close it to end all transfers.
 */
public final class RegistryClient implements AutoCloseable {

    private static final String DOCKER_HUB_ENDPOINT = "https://registry-1.docker.io";

    private final Timeouts timeouts;
    private final Hashing hashing;
    private final LazyHttp http;
    private final LazyHttp controlPlane;
    /** By the certificates in PEM; as many as an operator has ever set while this program ran. */
    private final Map<String, LazyHttp> trusting = new ConcurrentHashMap<>();

    private final Map<String, URI> schemes = new ConcurrentHashMap<>();

    public RegistryClient() {
        this(Timeouts.USUAL, null);
    }

    /** @param controlPlane TLS with where local images come from; null: as with every registry */
    public RegistryClient(Timeouts timeouts, @Nullable SSLContext controlPlane) {
        this(timeouts, controlPlane, Hashing.JAVA);
    }

    /** As above, with content hashed as it is told. */
    public RegistryClient(Timeouts timeouts, @Nullable SSLContext controlPlane, Hashing hashing) {
        this.timeouts = timeouts;
        this.hashing = hashing;
        this.http = new LazyHttp(timeouts, () -> null);
        this.controlPlane = new LazyHttp(timeouts, () -> controlPlane);
    }

    /** The repository that a name leads to. Asks nothing yet. */
    public RemoteRepository open(ImageName name, RegistryAccess access) throws IOException {
        return new RemoteRepository(
                name, access.mirrors().stream().map(m -> mirror(name, m)).toList(), origin(name, access), hashing);
    }

    /**
     * The repository that a name leads to, to be written.
     *
     * @param readable other repositories of the registry that blobs may be taken from
     */
    public RepositoryWriter openToWrite(ImageName name, RegistryAccess access, Collection<String> readable)
            throws IOException {
        RegistryHost host = origin(name, access);
        host.alsoReads(readable);
        return new RepositoryWriter(name, host);
    }

    private RegistryHost mirror(ImageName name, Mirror mirror) {
        Http client = http(mirror.authorities());
        return new RegistryHost(
                client,
                "mirror " + mirror.location(),
                base(client, mirror.host(), mirror.insecure()),
                mirror.repository(name.repository()),
                mirror.insecure(),
                mirror.login());
    }

    private RegistryHost origin(ImageName name, RegistryAccess access) throws IOException {
        Http client = name.isLocal() ? controlPlane.get() : http(access.authorities());
        return new RegistryHost(
                client,
                "registry " + (name.isLocal() ? "of the control plane" : name.registry()),
                base(client, name, access),
                name.repository(),
                access.insecure(),
                access.login());
    }

    private Http http(@Nullable String authorities) {
        return authorities == null
                ? http.get()
                : trusting.computeIfAbsent(authorities, pem -> new LazyHttp(timeouts, () -> Authorities.beside(pem)))
                        .get();
    }

    private RegistryHost.Base base(Http client, ImageName name, RegistryAccess access) throws IOException {
        URI endpoint = access.endpoint();
        if (endpoint != null) {
            Origin origin = Origin.of(endpoint);
            if (!origin.isSecure() && !origin.isLoopback() && !access.insecure()) {
                throw new RegistryRefusedException(
                        "registry " + endpoint + " does not use TLS and is not on this machine");
            }
            URI base = URI.create(endpoint.getScheme() + "://" + endpoint.getRawAuthority());
            return () -> base;
        }
        if (name.isLocal()) {
            throw new UnknownImageException("image \"" + name + "\" lives in the control plane only");
        }
        return name.registry().equals(ImageName.DOCKER_HUB)
                ? () -> URI.create(DOCKER_HUB_ENDPOINT)
                : base(client, name.registry(), access.insecure());
    }

    /** Where plain HTTP is allowed, whether it is needed is found out before the first request. */
    private RegistryHost.Base base(Http client, String host, boolean insecure) {
        URI secure = URI.create("https://" + host);
        if (!insecure && !Origin.of(secure).isLoopback()) {
            return () -> secure;
        }
        return () -> {
            URI known = schemes.get(host);
            if (known == null) {
                known = speaksTls(client, secure) ? secure : URI.create("http://" + host);
                schemes.put(host, known);
            }
            return known;
        };
    }

    private static boolean speaksTls(Http client, URI secure) throws IOException {
        try {
            client.get(secure.resolve("/v2/"), "*/*", null, 0).body().close();
            return true;
        } catch (SSLHandshakeException | SSLPeerUnverifiedException e) {
            // It does speak TLS; that its certificate is not trusted is for the request proper to say.
            return !String.valueOf(e.getMessage()).contains("terminated the handshake");
        } catch (SSLException e) {
            return false;
        } catch (ConnectException e) {
            throw e;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        http.close();
        controlPlane.close();
        trusting.values().forEach(LazyHttp::close);
    }
}
