package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The images of a node, after what was asked has been done. Sizes are those of the unpacked layers, in bytes; a layer that
 * several images stand on counts once in {@code bytes} and in each of them.
 *
 * @param images most recently used first
 * @param bytes of all layers
 * @param limitBytes what they may have together before those that nobody uses go, the longest unused first; null: no limit
 * @param freed what went, or in a preview would go, in this order
 * @param freedBytes how much less there is then
 */
public record NodeImages(
        List<Image> images, long bytes, @Nullable Long limitBytes, List<Image> freed, long freedBytes) {

    public NodeImages {
        images = List.copyOf(images);
        freed = List.copyOf(freed);
    }

    /**
     * One image.
     *
     * @param digest what it was asked for by: a manifest's or an index's
     * @param names what it was pulled as
     * @param usedAt when a container last needed it, or when it was pulled
     * @param inUse a container or an allocation of the node needs it
     */
    public record Image(
            Digest digest, List<ImageName> names, long bytes, Instant pulledAt, Instant usedAt, boolean inUse) {

        public Image {
            names = List.copyOf(names);
        }
    }

    /** What shall be done with a node's images before it tells of them. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "work")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Request.Show.class, name = "show"),
        @JsonSubTypes.Type(value = Request.Clean.class, name = "clean"),
        @JsonSubTypes.Type(value = Request.Limit.class, name = "limit")
    })
    public sealed interface Request {

        /** Nothing. */
        record Show() implements Request {}

        /**
         * Takes away what nobody uses, the longest unused first, until so many bytes are left.
         *
         * @param preview only says what would go
         */
        record Clean(long keepBytes, boolean preview) implements Request {}

        /** Sets the limit for good, and cleans up if it is exceeded; null takes it away. */
        record Limit(@Nullable Long bytes) implements Request {}
    }
}
