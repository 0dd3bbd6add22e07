package io.flotilla.protocol.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.flotilla.protocol.Digest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pointer to content by digest (OCI image specification, descriptor.md).
 *
 * @param size in bytes; content of any other length is refused
 * @param platform on the manifests of an index
 * @param annotations empty when the document has none
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        @Nullable Platform platform,
        Map<String, String> annotations) {

    public Descriptor {
        if (mediaType == null || digest == null) {
            throw new IllegalArgumentException("a descriptor needs mediaType and digest");
        }
        if (size < 0) {
            throw new IllegalArgumentException("descriptor " + digest + " has the negative size " + size);
        }
        annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
    }

    public Descriptor(String mediaType, Digest digest, long size) {
        this(mediaType, digest, size, null, Map.of());
    }
}
