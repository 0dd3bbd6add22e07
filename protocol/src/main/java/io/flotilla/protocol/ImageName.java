package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image, read by the grammar of the distribution project's {@code reference} package and Docker's rules
 * for short names: {@code debian} means {@code docker.io/library/debian:latest}. One rule is Flotilla's own: a name that
 * begins with {@code flotilla/} and names no host lives in the control plane's content store and nowhere else.
 *
 * @param registry host with optional port, lower case where it was a name; empty for a local name
 * @param repository slash-separated path, with {@code library/} filled in for Docker's own short names
 * @param tag null only when a digest is given without a tag
 * @param digest what the name is pinned to; wins over the tag
 */
public record ImageName(
        String registry,
        String repository,
        @Nullable String tag,
        @Nullable Digest digest) {

    /** The registry that short names without a host refer to. */
    public static final String DOCKER_HUB = "docker.io";

    private static final String LOCAL_PREFIX = "flotilla/";
    private static final String DEFAULT_TAG = "latest";
    private static final int LONGEST_REPOSITORY = 255;
    private static final int LONGEST_NAME = 1024;

    private static final String HOST_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    private static final Pattern REGISTRY =
            Pattern.compile("(?:" + HOST_PART + "(?:\\." + HOST_PART + ")*|\\[[0-9a-fA-F:]+])(?::[0-9]{1,5})?");
    private static final Pattern REPOSITORY_PART = Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
    private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}");
    private static final Pattern BARE_ID = Pattern.compile("[0-9a-f]{64}");

    public ImageName {
        if (!registry.isEmpty() && !REGISTRY.matcher(registry).matches()) {
            throw new IllegalArgumentException(
                    "image registry \"" + registry + "\" is no host name with optional port");
        }
        if (registry.isEmpty() && !repository.startsWith(LOCAL_PREFIX)) {
            throw new IllegalArgumentException("local image \"" + repository + "\" does not begin with flotilla/");
        }
        requireRepository(repository);
        if (tag != null && !TAG.matcher(tag).matches()) {
            throw new IllegalArgumentException(
                    "image tag \"" + tag
                            + "\" is not 1 to 128 letters, digits, underscores, dots and hyphens beginning with none of the last two");
        }
        if (tag == null && digest == null) {
            tag = DEFAULT_TAG;
        }
    }

    /** Reads a name as a person writes it; the failure's message contains the text. */
    @JsonCreator
    public static ImageName parse(String text) {
        try {
            return read(text);
        } catch (IllegalArgumentException e) {
            String shown = text.length() > 200 ? text.substring(0, 200) + "..." : text;
            throw new IllegalArgumentException("image name \"" + shown + "\": " + e.getMessage(), e);
        }
    }

    private static ImageName read(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("it is empty");
        }
        if (text.length() > LONGEST_NAME) {
            throw new IllegalArgumentException("it is longer than " + LONGEST_NAME + " characters");
        }
        if (BARE_ID.matcher(text).matches()) {
            throw new IllegalArgumentException("64 hex digits are an image's id, not a name");
        }
        String rest = text;
        Digest digest = null;
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = new Digest(rest.substring(at + 1));
            rest = rest.substring(0, at);
        }
        String tag = null;
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = rest.substring(colon + 1);
            rest = rest.substring(0, colon);
        }
        return split(rest, tag, digest);
    }

    private static ImageName split(String path, @Nullable String tag, @Nullable Digest digest) {
        int slash = path.indexOf('/');
        if (slash < 0) {
            return new ImageName(DOCKER_HUB, "library/" + path, tag, digest);
        }
        String first = path.substring(0, slash);
        String rest = path.substring(slash + 1);
        if (!namesHost(first)) {
            return new ImageName(path.startsWith(LOCAL_PREFIX) ? "" : DOCKER_HUB, path, tag, digest);
        }
        String registry = first.toLowerCase(Locale.ROOT);
        if (registry.equals("index.docker.io") || registry.equals("registry-1.docker.io")) {
            registry = DOCKER_HUB;
        }
        boolean official = registry.equals(DOCKER_HUB) && rest.indexOf('/') < 0;
        return new ImageName(registry, official ? "library/" + rest : rest, tag, digest);
    }

    /** Docker's rule: a first part is a host if it has a dot or a colon, is localhost, or has an upper-case letter. */
    private static boolean namesHost(String first) {
        return first.contains(".")
                || first.contains(":")
                || first.equals("localhost")
                || first.chars().anyMatch(c -> c >= 'A' && c <= 'Z');
    }

    private static void requireRepository(String repository) {
        if (repository.length() > LONGEST_REPOSITORY) {
            throw new IllegalArgumentException("repository is longer than " + LONGEST_REPOSITORY + " characters");
        }
        for (String part : repository.split("/", -1)) {
            if (!REPOSITORY_PART.matcher(part).matches()) {
                throw new IllegalArgumentException("repository \"" + repository + "\": part \"" + part
                        + "\" is not lower-case letters and digits with single separators (. _ __ -) between them");
            }
        }
    }

    /** Whether the image lives in the control plane's content store and in no registry. */
    @JsonIgnore
    public boolean isLocal() {
        return registry.isEmpty();
    }

    /** What a registry's manifests endpoint is asked for: the digest if there is one, else the tag. */
    public String reference() {
        return digest != null ? digest.value() : tagOrDefault();
    }

    private String tagOrDefault() {
        return Optional.ofNullable(tag).orElse(DEFAULT_TAG);
    }

    /** The same name pinned to a digest; the tag stays, for people. */
    public ImageName at(Digest pinned) {
        return new ImageName(registry, repository, tag, pinned);
    }

    /** The whole name with nothing implied: {@code docker.io/library/debian:latest}. */
    public String canonical() {
        return (registry.isEmpty() ? "" : registry + "/") + repository + suffix();
    }

    /** The shortest text that reads back as this name: {@code debian:latest}. */
    @JsonValue
    public String familiar() {
        if (!registry.equals(DOCKER_HUB)) {
            return canonical();
        }
        String path = repository;
        if (path.startsWith("library/") && path.indexOf('/', "library/".length()) < 0) {
            path = path.substring("library/".length());
        }
        boolean mistakable = path.startsWith(LOCAL_PREFIX) || (path.contains("/") && namesHost(firstOf(path)));
        boolean looksLikeId = tag == null && BARE_ID.matcher(path).matches();
        return mistakable || looksLikeId ? canonical() : path + suffix();
    }

    private static String firstOf(String path) {
        return path.substring(0, path.indexOf('/'));
    }

    private String suffix() {
        return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }

    @Override
    public String toString() {
        return familiar();
    }
}
