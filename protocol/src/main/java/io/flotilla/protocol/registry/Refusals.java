package io.flotilla.protocol.registry;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/** Turns an answer that is no success into the exception named after its cause. */
final class Refusals {

    private static final int LONGEST_DETAIL = 200;

    private Refusals() {}

    /** @param subject "image ..." or "layer 2 of ..." */
    static RegistryException of(
            HttpResponse<?> answer, String body, String registry, String subject, boolean loggedIn) {
        int status = answer.statusCode();
        String detail = detail(body);
        String suffix = detail.isEmpty() ? "" : " (" + detail + ")";
        return switch (status) {
            case 401, 403 ->
                new UnauthorizedException(subject + ": registry " + registry
                        + (loggedIn ? " does not let this login in" : " wants a login") + suffix);
            case 404 -> new UnknownImageException(subject + " is unknown to registry " + registry + suffix);
            case 429 ->
                new TooManyRequestsException(subject + ": registry " + registry + " limits requests (HTTP 429)"
                        + answer.headers()
                                .firstValue("Retry-After")
                                .filter(v -> v.matches("[0-9]{1,6}"))
                                .map(v -> "; try again in " + v + " s")
                                .orElse("")
                        + suffix);
            default -> {
                String message = subject + ": registry " + registry + " answered with HTTP " + status + suffix;
                yield status >= 500 ? new RegistryAwayException(message, null) : new RegistryRefusedException(message);
            }
        };
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
