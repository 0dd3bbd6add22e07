package io.flotilla.controlplane.identity.web;

import io.flotilla.controlplane.problem.FieldError;
import io.flotilla.controlplane.problem.ProblemException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.core.codec.DecodingException;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.codec.json.JacksonJsonDecoder;
import org.springframework.util.MimeType;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JacksonException.Reference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads bodies, and names every field that is not known. Jackson gives up at the first one, and knows the path of none
 * before it has given up: so it is asked again without that field, until nothing is unknown.
 */
final class StrictJsonDecoder extends JacksonJsonDecoder {

    /** Each is another reading of the whole body. */
    private static final int MOST_NAMED = 20;

    private final JsonMapper mapper;

    StrictJsonDecoder(JsonMapper mapper) {
        super(mapper);
        this.mapper = mapper;
    }

    @Override
    public Object decode(
            DataBuffer body, ResolvableType type, @Nullable MimeType mime, @Nullable Map<String, Object> hints) {
        int begin = body.readPosition();
        DataBufferUtils.retain(body);
        try {
            return super.decode(body, type, mime, hints);
        } catch (DecodingException e) {
            if (e.getCause() instanceof UnrecognizedPropertyException first) {
                JsonNode tree = mapper.readTree(body.readPosition(begin).asInputStream());
                throw ProblemException.invalid(unknown(tree, type, first));
            }
            throw e;
        } finally {
            DataBufferUtils.release(body);
        }
    }

    private List<FieldError> unknown(JsonNode tree, ResolvableType type, UnrecognizedPropertyException first) {
        List<FieldError> fields = new ArrayList<>();
        UnrecognizedPropertyException next = first;
        while (next != null && fields.size() < MOST_NAMED) {
            fields.add(new FieldError(Problems.path(next), "is not a known field" + known(next.getKnownPropertyIds())));
            next = without(tree, next.getPath()) ? again(tree, type) : null;
        }
        return fields;
    }

    private @Nullable UnrecognizedPropertyException again(JsonNode tree, ResolvableType type) {
        try {
            mapper.treeToValue(tree, mapper.constructType(type.getType()));
            return null;
        } catch (UnrecognizedPropertyException e) {
            return e;
        } catch (JacksonException e) {
            return null; // Something else is wrong as well; it is told when the fields are right.
        }
    }

    private static boolean without(JsonNode tree, List<Reference> path) {
        JsonNode parent = tree;
        for (Reference step : path.subList(0, path.size() - 1)) {
            parent =
                    step.getPropertyName() == null ? parent.path(step.getIndex()) : parent.path(step.getPropertyName());
        }
        return parent instanceof ObjectNode object
                && object.remove(path.getLast().getPropertyName()) != null;
    }

    private static String known(@Nullable Collection<Object> names) {
        String sorted = Objects.requireNonNullElse(names, List.of()).stream()
                .map(String::valueOf)
                .sorted()
                .collect(Collectors.joining(", "));
        return sorted.isEmpty() ? "" : "; known are " + sorted;
    }
}
