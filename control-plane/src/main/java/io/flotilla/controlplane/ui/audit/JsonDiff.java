package io.flotilla.controlplane.ui.audit;

import io.flotilla.controlplane.ui.part.Diff;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The fields in which two JSON texts differ, by their dotted paths. */
final class JsonDiff {

    private static final JsonMapper MAPPER = new JsonMapper();

    private JsonDiff() {}

    static List<Diff.Row> of(@Nullable String before, @Nullable String after) {
        Map<String, String> old = flat(before);
        Map<String, String> now = flat(after);
        TreeSet<String> fields = new TreeSet<>(old.keySet());
        fields.addAll(now.keySet());
        return fields.stream()
                .filter(field -> !Objects.equals(old.get(field), now.get(field)))
                .map(field -> new Diff.Row(field, old.get(field), now.get(field)))
                .toList();
    }

    private static Map<String, String> flat(@Nullable String json) {
        Map<String, String> fields = new TreeMap<>();
        if (json != null && !json.isBlank()) {
            collect("", MAPPER.readTree(json), fields);
        }
        return fields;
    }

    private static void collect(String path, JsonNode node, Map<String, String> fields) {
        if (node.isObject()) {
            node.properties()
                    .forEach(field -> collect(
                            path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue(), fields));
        } else if (node.isArray()) {
            List<String> values = new ArrayList<>();
            node.forEach(value -> values.add(value.isValueNode() ? value.asString() : value.toString()));
            if (!values.isEmpty()) {
                fields.put(path, String.join(", ", values));
            }
        } else if (!node.isNull()) {
            fields.put(path.isEmpty() ? "value" : path, node.asString());
        }
    }
}
