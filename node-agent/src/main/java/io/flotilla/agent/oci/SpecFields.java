package io.flotilla.agent.oci;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The names that {@link RuntimeSpec} knows, read off its records. */
final class SpecFields {

    private SpecFields() {}

    /** Every field that holds a value, as {@code mounts[].options} or {@code linux.rdma.*.hcaHandles}. */
    static List<String> all() {
        List<String> names = new ArrayList<>();
        collect(RuntimeSpec.class, "", names);
        return names;
    }

    private static void collect(Class<?> holder, String prefix, List<String> names) {
        fields(holder).forEach((name, type) -> {
            Class<?> inner = record(type);
            if (inner == null) {
                names.add(prefix + name);
            } else {
                collect(inner, prefix + name + suffix(type) + ".", names);
            }
        });
    }

    private static String suffix(Type type) {
        if (!(type instanceof ParameterizedType generic)) {
            return "";
        }
        return generic.getRawType() == Map.class ? ".*" : "[]";
    }

    /** Where the document says something that the model does not know, as {@code mounts[0].colour}. */
    static List<String> unknown(JsonNode document) {
        List<String> names = new ArrayList<>();
        compare(document, RuntimeSpec.class, "", names);
        return names;
    }

    private static void compare(JsonNode object, Class<?> holder, String prefix, List<String> names) {
        Map<String, Type> known = fields(holder);
        object.properties().forEach(entry -> {
            Type type = known.get(entry.getKey());
            String path = prefix + entry.getKey();
            if (type == null) {
                names.add(path);
                return;
            }
            Class<?> inner = record(type);
            if (inner != null) {
                descend(entry.getValue(), type, inner, path, names);
            }
        });
    }

    private static void descend(JsonNode value, Type type, Class<?> inner, String path, List<String> names) {
        if (suffix(type).equals("[]")) {
            for (int i = 0; i < value.size(); i++) {
                compare(value.path(i), inner, path + "[" + i + "].", names);
            }
        } else if (suffix(type).isEmpty()) {
            compare(value, inner, path + ".", names);
        } else {
            value.properties().forEach(e -> compare(e.getValue(), inner, path + "." + e.getKey() + ".", names));
        }
    }

    private static Map<String, Type> fields(Class<?> holder) {
        Map<String, Type> fields = new LinkedHashMap<>();
        for (RecordComponent component : holder.getRecordComponents()) {
            JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
            fields.put(renamed == null ? component.getName() : renamed.value(), component.getGenericType());
        }
        return fields;
    }

    /** The record that a field holds, by itself or in a list or map; null for plain values. */
    private static @Nullable Class<?> record(Type type) {
        if (type instanceof Class<?> plain) {
            return plain.isRecord() ? plain : null;
        }
        Type[] arguments = type instanceof ParameterizedType generic ? generic.getActualTypeArguments() : new Type[0];
        return arguments.length == 0 ? null : record(arguments[arguments.length - 1]);
    }
}
