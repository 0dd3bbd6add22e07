package io.flotilla.protocol.registry;

import com.fasterxml.jackson.annotation.JsonIgnore;

/** What a tag or digest of a repository leads to: one image, or an index of the same image for several platforms. */
public sealed interface ImageDocument permits Manifest, Index {

    String mediaType();

    @JsonIgnore
    default boolean isIndex() {
        return this instanceof Index;
    }
}
