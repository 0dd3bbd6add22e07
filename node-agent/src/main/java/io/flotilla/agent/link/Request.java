package io.flotilla.agent.link;

import io.flotilla.protocol.Codec;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import tools.jackson.databind.JsonNode;

/** One request to the control plane, and the sentence for each way in which it can fail. */
final class Request {

    /** Bytes of an answer; who sends it may be anybody. */
    private static final long LONGEST = 256 << 10;

    private Request() {}

    /** The body of the answer. */
    static String send(Server server, HttpRequest request, SSLContext tls) throws IOException {
        HttpResponse<String> response;
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .sslContext(tls)
                .build()) {
            response = client.send(
                    request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), LONGEST));
        } catch (ConnectException e) {
            throw new LinkException("nothing answers at " + server, e);
        } catch (SSLException e) {
            throw failed(server, e);
        } catch (HttpTimeoutException e) {
            throw new LinkException(server + " did not answer in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while asking " + server);
        }
        if (response.statusCode() / 100 != 2) {
            throw new LinkException("the control plane refused: " + detail(response));
        }
        return response.body();
    }

    /** Tells a certificate that is not trusted from a server without TLS. */
    static LinkException failed(Server server, SSLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return new LinkException("the certificate at " + server + " is refused: " + cause.getMessage(), true);
            }
        }
        return new LinkException("what answers at " + server + " does not speak TLS: " + failure.getMessage(), failure);
    }

    private static String detail(HttpResponse<String> response) {
        try {
            JsonNode problem = Codec.decode(response.body(), JsonNode.class);
            String detail = problem.path("detail").asString("");
            return detail.isEmpty() ? "status " + response.statusCode() : detail;
        } catch (IllegalArgumentException e) {
            return "status " + response.statusCode();
        }
    }
}
