package io.flotilla.controlplane.image;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** One small image, for tests that need any. */
public final class MadeImage {

    public static final String NAME = "flotilla/made:1";

    private MadeImage() {}

    public static byte[] archive() {
        MadeArchive archive = new MadeArchive();
        return archive.layout(archive.image(MadeArchive.text("a layer"))).bytes();
    }

    /** Returns the status of the answer. */
    public static int upload(String url, String token, byte[] archive) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url + "/api/v1/images?name=" + NAME))
                                    .header("Authorization", "Bearer " + token)
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(archive))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
