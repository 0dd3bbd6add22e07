package io.flotilla.agent.ocicli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON as maps, lists, strings, numbers and booleans. A binder to records would double the time that a command takes, most of
 * which look at a few fields only.
 */
final class Json {

    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** @throws Refused naming what was read, and line and column */
    static Map<String, @Nullable Object> object(String what, String text) throws Refused {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new Refused(what + ": no JSON object");
            }
            Map<String, @Nullable Object> object = object(parser);
            if (parser.nextToken() != null) {
                throw new Refused(what + ": more than one JSON object");
            }
            return object;
        } catch (JacksonException e) {
            var place = e.getLocation();
            throw new Refused(
                    what + ": line " + place.getLineNr() + ", column " + place.getColumnNr() + ": "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    private static Map<String, @Nullable Object> object(JsonParser parser) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            fields.put(name, value(parser));
        }
        return fields;
    }

    private static @Nullable Object value(JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            return object(parser);
        }
        if (token == JsonToken.START_ARRAY) {
            List<@Nullable Object> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(parser));
            }
            return items;
        }
        if (token == JsonToken.VALUE_STRING) {
            return parser.getString();
        }
        if (token.isNumeric()) {
            return parser.getNumberValue();
        }
        return token.isBoolean() ? token == JsonToken.VALUE_TRUE : null;
    }

    /** The object in a field, an empty one without it. */
    @SuppressWarnings("unchecked")
    static Map<String, @Nullable Object> child(Map<String, @Nullable Object> object, String field) {
        return object.get(field) instanceof Map<?, ?> child
                ? (Map<String, @Nullable Object>) child
                : new LinkedHashMap<>();
    }

    /** @param pretty over several lines, indented by two blanks */
    static String write(@Nullable Object value, boolean pretty) {
        StringBuilder text = new StringBuilder();
        write(text, value, pretty ? "\n" : "");
        return text.toString();
    }

    private static void write(StringBuilder text, @Nullable Object value, String newLine) {
        String inner = newLine.isEmpty() ? "" : newLine + "  ";
        if (value instanceof Map<?, ?> object) {
            Iterator<? extends Map.Entry<?, ?>> entries = object.entrySet().iterator();
            text.append('{');
            while (entries.hasNext()) {
                Map.Entry<?, ?> entry = entries.next();
                quote(text.append(inner), String.valueOf(entry.getKey()));
                write(text.append(inner.isEmpty() ? ":" : ": "), entry.getValue(), inner);
                text.append(entries.hasNext() ? "," : newLine);
            }
            text.append('}');
        } else if (value instanceof List<?> items) {
            text.append('[');
            for (int i = 0; i < items.size(); i++) {
                write(text.append(inner), items.get(i), inner);
                text.append(i + 1 < items.size() ? "," : newLine);
            }
            text.append(']');
        } else if (value instanceof CharSequence string) {
            quote(text, string);
        } else {
            text.append(value);
        }
    }

    private static void quote(StringBuilder text, CharSequence value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ') {
                        text.append("\\u00")
                                .append(Character.forDigit(c >> 4, 16))
                                .append(Character.forDigit(c & 15, 16));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
