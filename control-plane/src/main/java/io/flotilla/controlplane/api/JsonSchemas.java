package io.flotilla.controlplane.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** JSON schemas (OpenAPI 3.1) of the records that the API reads and writes. */
final class JsonSchemas {

    private final Map<String, Object> named = new TreeMap<>();
    private final Map<String, Class<?>> types = new HashMap<>();

    /** Every record that was met, by name. */
    Map<String, Object> named() {
        return named;
    }

    Map<String, Object> of(Type type) {
        return of(type, Map.of());
    }

    private Map<String, Object> of(Type type, Map<String, Type> variables) {
        return switch (type) {
            case Class<?> plain -> ofClass(plain);
            case ParameterizedType generic -> ofGeneric(generic, variables);
            case TypeVariable<?> variable -> of(variables.getOrDefault(variable.getName(), Object.class), variables);
            default -> new LinkedHashMap<>();
        };
    }

    private Map<String, Object> ofClass(Class<?> type) {
        if (type == String.class || type == CharSequence.class) {
            return simple("string", null);
        }
        if (type == UUID.class) {
            return simple("string", "uuid");
        }
        if (type == Instant.class) {
            return simple("string", "date-time");
        }
        if (type == boolean.class || type == Boolean.class) {
            return simple("boolean", null);
        }
        if (type == int.class || type == Integer.class || type == short.class || type == Short.class) {
            return simple("integer", "int32");
        }
        if (type == long.class || type == Long.class) {
            return simple("integer", "int64");
        }
        if (Number.class.isAssignableFrom(type)
                || type == double.class
                || type == float.class
                || type == BigDecimal.class) {
            return simple("number", null);
        }
        if (type.isEnum()) {
            return ofEnum(type);
        }
        if (type.isArray()) {
            return array(of(type.getComponentType()));
        }
        return type.isRecord() ? reference(type, Map.of(), "") : written(type);
    }

    /** A class that writes itself as another value, such as an id or a digest. */
    private Map<String, Object> written(Class<?> type) {
        return valueMethod(type)
                .map(method -> of(method.getGenericReturnType()))
                .orElseGet(LinkedHashMap::new);
    }

    private static Optional<Method> valueMethod(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(JsonValue.class))
                .findFirst();
    }

    private Map<String, Object> ofGeneric(ParameterizedType type, Map<String, Type> variables) {
        Class<?> raw = (Class<?>) type.getRawType();
        Type[] arguments = type.getActualTypeArguments();
        if (Collection.class.isAssignableFrom(raw)) {
            return array(of(arguments[0], variables));
        }
        if (Map.class.isAssignableFrom(raw)) {
            Map<String, Object> schema = simple("object", null);
            schema.put("additionalProperties", of(arguments[1], variables));
            return schema;
        }
        if (!raw.isRecord()) {
            return arguments.length == 1 ? of(arguments[0], variables) : new LinkedHashMap<>();
        }
        Map<String, Type> bound = new LinkedHashMap<>();
        TypeVariable<?>[] parameters = raw.getTypeParameters();
        StringBuilder suffix = new StringBuilder();
        for (int i = 0; i < parameters.length; i++) {
            Type argument = arguments[i] instanceof TypeVariable<?> variable
                    ? variables.getOrDefault(variable.getName(), Object.class)
                    : arguments[i];
            bound.put(parameters[i].getName(), argument);
            suffix.append("Of").append(argument instanceof Class<?> plain ? plain.getSimpleName() : "Any");
        }
        return reference(raw, bound, suffix.toString());
    }

    private Map<String, Object> reference(Class<?> type, Map<String, Type> variables, String suffix) {
        if (valueMethod(type).isPresent()) {
            return written(type);
        }
        String name = name(type) + suffix;
        Class<?> other = types.putIfAbsent(name, type);
        if (other != null && other != type) {
            throw new IllegalStateException("both " + type + " and " + other + " would be called " + name);
        }
        if (!named.containsKey(name)) {
            // Put first: a record may contain itself.
            Map<String, Object> schema = simple("object", null);
            named.put(name, schema);
            fill(schema, type, variables);
        }
        return new LinkedHashMap<>(Map.of("$ref", "#/components/schemas/" + name));
    }

    /** A part of a document is called after the document as well: many things have layers or users. */
    private static String name(Class<?> type) {
        Class<?> whole = type.getEnclosingClass();
        return whole != null && (whole.isRecord() || whole.isInterface())
                ? name(whole) + type.getSimpleName()
                : type.getSimpleName();
    }

    private void fill(Map<String, Object> schema, Class<?> type, Map<String, Type> variables) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getAccessor().isAnnotationPresent(JsonUnwrapped.class)) {
                fill(schema, component.getType(), variables);
                if (schema.get("properties") instanceof Map<?, ?> inner) {
                    inner.forEach((name, value) -> properties.put(String.valueOf(name), value));
                }
                continue;
            }
            properties.put(component.getName(), of(component.getGenericType(), variables));
            if (!nullable(component.getAnnotatedType())) {
                required.add(component.getName());
            }
        }
        schema.put("properties", properties);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
    }

    static boolean nullable(AnnotatedType type) {
        return type.isAnnotationPresent(Nullable.class);
    }

    private static Map<String, Object> ofEnum(Class<?> type) {
        Map<String, Object> schema = simple("string", null);
        schema.put(
                "enum",
                Arrays.stream(type.getEnumConstants()).map(JsonSchemas::word).toList());
        return schema;
    }

    private static Object word(Object constant) {
        for (Method method : constant.getClass().getMethods()) {
            if (method.isAnnotationPresent(JsonValue.class)) {
                try {
                    return method.invoke(constant);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("word of " + constant, e);
                }
            }
        }
        return constant.toString().toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> array(Map<String, Object> items) {
        Map<String, Object> schema = simple("array", null);
        schema.put("items", items);
        return schema;
    }

    private static Map<String, Object> simple(String type, @Nullable String format) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", type);
        if (format != null) {
            schema.put("format", format);
        }
        return schema;
    }
}
