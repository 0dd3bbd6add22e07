package io.flotilla.protocol.registry;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/** Turns an answer that is no success into the exception named after its cause. */
final class Refusals {

    private static final int LONGEST_DETAIL = 200;

    private Refusals() {}

    /**
     * Names the cause.
     *
     * @param registry as in "registry docker.io"
     * @param subject "image ..." or "layer 2 of ..."
     */
    static RegistryException of(
            HttpResponse<?> answer, String body, String registry, String subject, boolean loggedIn) {
        int status = answer.statusCode();
        String detail = detail(body);
        String suffix = detail.isEmpty() ? "" : " (" + detail + ")";
        return switch (status) {
            case 401, 403 ->
                new UnauthorizedException(subject + ": " + registry
                        + (loggedIn
                                ? " does not let this login in"
                                : " wants a login, which `flotilla registry set` gives it")
                        + suffix);
            case 404 -> new UnknownImageException(subject + " is unknown to " + registry + suffix);
            case 429 ->
                new TooManyRequestsException(
                        subject + ": " + registry + " limits requests (HTTP 429)" + when(answer) + suffix);
            default -> {
                String message = subject + ": " + registry + " answered with HTTP " + status + suffix;
                yield status >= 500 ? new RegistryAwayException(message, null) : new RegistryRefusedException(message);
            }
        };
    }

    /** What the answer says of the next try, for the end of a sentence. */
    static String when(HttpResponse<?> answer) {
        return RetryAfter.of(answer.headers())
                .map(wish -> "; try again in " + wish)
                .orElse("");
    }

    /** The first error of the body as the distribution specification shapes it: printable, one line, short. */
    private static String detail(String body) {
        try {
            JsonNode error = Documents.tree(body.getBytes(StandardCharsets.UTF_8))
                    .path("errors")
                    .path(0);
            String text = (error.path("code").asString("") + ": "
                            + error.path("message").asString(""))
                    .replaceAll("^: |: $", "")
                    .replaceAll("[\\p{Cntrl}]+", " ");
            return text.length() > LONGEST_DETAIL ? text.substring(0, LONGEST_DETAIL) + "..." : text;
        } catch (BadDocumentException e) {
            return "";
        }
    }
}
