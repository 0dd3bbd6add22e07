package io.flotilla.protocol.registry;

import io.flotilla.protocol.ImageName;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Reads images from registries (OCI distribution specification 1.1). Plain HTTP is spoken only with this machine or with a
 * registry that was named insecure, and even there only if it does not speak TLS. Close it to end all transfers.
 */
public final class RegistryClient implements AutoCloseable {

    private static final String DOCKER_HUB_ENDPOINT = "https://registry-1.docker.io";

    private final LazyHttp http;
    private final LazyHttp controlPlane;
    private final Map<String, URI> schemes = new ConcurrentHashMap<>();

    public RegistryClient() {
        this(Timeouts.USUAL, null);
    }

    /** @param controlPlane TLS with where local images come from; null: as with every registry */
    public RegistryClient(Timeouts timeouts, @Nullable SSLContext controlPlane) {
        this.http = new LazyHttp(timeouts, null);
        this.controlPlane = new LazyHttp(timeouts, controlPlane);
    }

    /**
     * The repository that a name leads to. Asks nothing yet, except, where plain HTTP is allowed, whether it is needed.
     *
     * @throws RegistryAwayException if that question is not answered
     */
    public RemoteRepository open(ImageName name, RegistryAccess access) throws IOException {
        return new RemoteRepository((name.isLocal() ? controlPlane : http).get(), name, base(name, access), access);
    }

    private URI base(ImageName name, RegistryAccess access) throws IOException {
        URI endpoint = access.endpoint();
        if (endpoint != null) {
            Origin origin = Origin.of(endpoint);
            if (!origin.isSecure() && !origin.isLoopback() && !access.insecure()) {
                throw new RegistryRefusedException(
                        "registry " + endpoint + " does not use TLS and is not on this machine");
            }
            return URI.create(endpoint.getScheme() + "://" + endpoint.getRawAuthority());
        }
        if (name.isLocal()) {
            throw new UnknownImageException("image \"" + name + "\" lives in the control plane only");
        }
        if (name.registry().equals(ImageName.DOCKER_HUB)) {
            return URI.create(DOCKER_HUB_ENDPOINT);
        }
        URI secure = URI.create("https://" + name.registry());
        if (!access.insecure() && !Origin.of(secure).isLoopback()) {
            return secure;
        }
        URI known = schemes.get(name.registry());
        if (known == null) {
            known = speaksTls(secure) ? secure : URI.create("http://" + name.registry());
            schemes.put(name.registry(), known);
        }
        return known;
    }

    private boolean speaksTls(URI secure) throws IOException {
        try {
            http.get().get(secure.resolve("/v2/"), "*/*", null, 0).body().close();
            return true;
        } catch (SSLHandshakeException | SSLPeerUnverifiedException e) {
            // It does speak TLS; that its certificate is not trusted is for the request proper to say.
            return !String.valueOf(e.getMessage()).contains("terminated the handshake");
        } catch (SSLException e) {
            return false;
        } catch (ConnectException e) {
            throw new RegistryAwayException("registry " + secure.getRawAuthority() + " is away: " + Http.reason(e), e);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        http.close();
        controlPlane.close();
    }
}
