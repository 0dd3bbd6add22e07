package io.flotilla.agent.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.Login;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.MediaTypes;
import io.flotilla.protocol.registry.Platform;
import io.flotilla.protocol.registry.RegistryAccess;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A registry with an image or more that sends what a test tells it to: a blob whole, a blob that is another, or half of one. */
final class HalfRegistry implements AutoCloseable {

    final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
    final AtomicInteger blobRequests = new AtomicInteger();
    /** While it is closed, layers stop in their middle. */
    volatile CountDownLatch secondHalf = new CountDownLatch(0);

    private final HttpServer server;
    private final Map<Digest, byte[]> manifests = new ConcurrentHashMap<>();
    private final Digest first;

    HalfRegistry(List<byte[]> layers) throws IOException {
        first = add(layers);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v2/", this::answer);
        server.start();
    }

    /** One more image of the same repository. */
    Digest add(List<byte[]> layers) {
        List<Descriptor> descriptors = new ArrayList<>();
        for (byte[] layer : layers) {
            descriptors.add(put(MediaTypes.LAYER, layer));
        }
        Platform here = Platform.here();
        Descriptor config = put(
                MediaTypes.CONFIG,
                Documents.write(Map.of(
                        "os", here.os(),
                        "architecture", here.architecture(),
                        "rootfs",
                                Map.of(
                                        "type",
                                        "layers",
                                        "diff_ids",
                                        descriptors.stream()
                                                .map(d -> d.digest().value())
                                                .toList()))));
        byte[] manifest = Documents.write(new Manifest(2, MediaTypes.MANIFEST, config, descriptors, Map.of()));
        manifests.put(Digest.sha256(manifest), manifest);
        return Digest.sha256(manifest);
    }

    private Descriptor put(String mediaType, byte[] bytes) {
        Digest digest = Digest.sha256(bytes);
        blobs.put(digest, bytes);
        return new Descriptor(mediaType, digest, bytes.length);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String last = path.substring(path.lastIndexOf('/') + 1);
            if (path.contains("/manifests/")) {
                byte[] manifest = Objects.requireNonNull(manifests.get(new Digest(last)), last);
                exchange.getResponseHeaders().set("Content-Type", MediaTypes.MANIFEST);
                exchange.sendResponseHeaders(200, manifest.length);
                exchange.getResponseBody().write(manifest);
            } else if (path.contains("/blobs/")) {
                // Chosen before the request is counted: whoever sees the count may close the gate for the next ones.
                CountDownLatch gate = secondHalf;
                blobRequests.incrementAndGet();
                send(exchange, gate, Objects.requireNonNull(blobs.get(new Digest(last)), last));
            } else {
                exchange.sendResponseHeaders(200, -1);
            }
        }
    }

    private static void send(HttpExchange exchange, CountDownLatch gate, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(200, bytes.length);
        OutputStream out = exchange.getResponseBody();
        out.write(bytes, 0, bytes.length / 2);
        out.flush();
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        out.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
        out.flush();
    }

    ImageName name() {
        return ImageName.parse("127.0.0.1:" + server.getAddress().getPort() + "/half:t");
    }

    /** By its endpoint: this server would only look silent to the question whether it speaks TLS. */
    RegistryAccess access() {
        return access(name());
    }

    static RegistryAccess access(ImageName name) {
        return new RegistryAccess(URI.create("http://" + name.registry()), false, new Login.Anonymous());
    }

    Digest digest() {
        return first;
    }

    @Override
    public void close() {
        secondHalf.countDown();
        server.stop(0);
    }
}
