package io.flotilla.protocol.registry;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes the JSON documents of images. A document that could be taken for another kind is refused: the media
 * type in the document, the one it was served with and its fields must agree (CVE-2021-41190).
 */
public final class Documents {

    /** The distribution specification asks registries to accept manifests of at least this size; longer ones are refused. */
    public static final int LONGEST = 4 << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(64)
                            .maxDocumentLength(2L * LONGEST)
                            .build())
                    .build())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private Documents() {}

    /**
     * Reads a manifest or an index.
     *
     * @param servedAs the Content-Type of the answer or the descriptor's media type, null if neither is known
     * @throws BadDocumentException if it is neither, or pretends to be both
     */
    public static ImageDocument read(byte[] bytes, @Nullable String servedAs) throws BadDocumentException {
        JsonNode tree = tree(bytes);
        if (!tree.isObject()) {
            throw new BadDocumentException("the manifest is not a JSON object");
        }
        if (tree.path("schemaVersion").asInt(0) != 2) {
            throw new BadDocumentException("the manifest has schema version "
                    + tree.path("schemaVersion").asString("none") + "; only 2 is known (push the image again)");
        }
        boolean index = tree.has("manifests");
        if (index == (tree.has("layers") || tree.has("config"))) {
            throw new BadDocumentException("the document has to have either manifests, or config and layers");
        }
        String mediaType = mediaType(tree, servedAs, index);
        ((tools.jackson.databind.node.ObjectNode) tree).put("mediaType", mediaType);
        return index ? convert(tree, Index.class) : convert(tree, Manifest.class);
    }

    private static String mediaType(JsonNode tree, @Nullable String servedAs, boolean index)
            throws BadDocumentException {
        String served = servedAs == null ? "" : servedAs.replaceFirst(";.*", "").trim();
        String inside = tree.path("mediaType").asString("");
        boolean servedKnown = MediaTypes.isIndex(served) || MediaTypes.isManifest(served);
        if (servedKnown && !inside.isEmpty() && !inside.equals(served)) {
            throw new BadDocumentException("the manifest says it is " + inside + " but was served as " + served);
        }
        String mediaType =
                !inside.isEmpty() ? inside : servedKnown ? served : index ? MediaTypes.INDEX : MediaTypes.MANIFEST;
        if (index ? !MediaTypes.isIndex(mediaType) : !MediaTypes.isManifest(mediaType)) {
            throw new BadDocumentException("the manifest's media type " + mediaType + " does not suit its content");
        }
        return mediaType;
    }

    /** Reads an image config. */
    public static ImageConfig readConfig(byte[] bytes) throws BadDocumentException {
        JsonNode tree = tree(bytes);
        if (!tree.isObject()) {
            throw new BadDocumentException("the image config is not a JSON object");
        }
        return convert(ImageConfigShape.normalised(tree), ImageConfig.class);
    }

    /** The document as compact JSON with keys in a fixed order, so that equal documents have equal digests. */
    public static byte[] write(Object document) {
        return MAPPER.writeValueAsBytes(document);
    }

    /** Any JSON document within the size and depth limits of this class. */
    public static JsonNode tree(byte[] bytes) throws BadDocumentException {
        try {
            return MAPPER.readTree(bytes);
        } catch (JacksonException e) {
            throw new BadDocumentException("it is not JSON: " + e.getOriginalMessage());
        }
    }

    private static <T> T convert(JsonNode tree, Class<T> type) throws BadDocumentException {
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (JacksonException e) {
            Throwable cause = e.getCause();
            throw new BadDocumentException(
                    cause instanceof IllegalArgumentException
                            ? String.valueOf(cause.getMessage())
                            : e.getOriginalMessage());
        }
    }
}
