package io.flotilla.protocol.registry;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One request and its answer, without redirects or retries, and the sentence for each way in which it can fail. */
final class Http implements AutoCloseable {

    private static final int LONGEST_REASON = 16 << 10;
    private static final long SLOWEST_UPLOAD = 20_000;

    private final Timeouts timeouts;
    private final HttpClient client;

    Http(Timeouts timeouts, @Nullable SSLContext tls) {
        this.timeouts = timeouts;
        // HTTP/1.1: several layers come over several connections, each slowed down by its own reader only.
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeouts.connect())
                .executor(Executors.newVirtualThreadPerTaskExecutor());
        this.client = (tls == null ? builder : builder.sslContext(tls)).build();
    }

    Timeouts timeouts() {
        return timeouts;
    }

    /**
     * A request that changes something, or asks whether something is there.
     *
     * @param bytes of the body: a slow line gets time for them
     */
    HttpResponse<BodyStream> send(
            String method, URI uri, @Nullable String authorization, String contentType, BodyPublisher body, long bytes)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(timeouts.answer().plusSeconds(bytes / SLOWEST_UPLOAD))
                .header("User-Agent", "flotilla")
                .method(method, body);
        if (!contentType.isEmpty()) {
            request.header("Content-Type", contentType);
        }
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return send(request.build());
    }

    HttpResponse<BodyStream> get(URI uri, String accept, @Nullable String authorization, long from) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(timeouts.answer())
                .header("Accept", accept)
                .header("User-Agent", "flotilla");
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        return send(request.build());
    }

    private HttpResponse<BodyStream> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, info -> new BodyStream(timeouts.stall()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException(
                    "interrupted while asking " + request.uri().getHost());
        }
    }

    /** Why a request to this host failed, for people. */
    static String reason(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String reason = switch (cause) {
                case UnresolvedAddressException _ -> "no address is known for that host name";
                case HttpConnectTimeoutException _ -> "no connection in time";
                case HttpTimeoutException _ -> "no answer in time";
                case SSLException tls -> "TLS: " + reason(tls);
                default -> null;
            };
            if (reason != null) {
                return reason;
            }
        }
        if (failure instanceof ConnectException && failure.getMessage() == null) {
            return "connection refused";
        }
        return String.valueOf(failure.getMessage());
    }

    private static String reason(SSLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathBuilderException) {
                return "no authority that is trusted here vouches for its certificate;"
                        + " `flotilla registry set` names one by --ca";
            }
        }
        return String.valueOf(failure.getMessage());
    }

    /** The beginning of a body, for an error message; closes it. */
    static String brief(BodyStream body) {
        try (body) {
            return new String(body.readNBytes(LONGEST_REASON), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
