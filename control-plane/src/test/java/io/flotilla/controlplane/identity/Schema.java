package io.flotilla.controlplane.identity;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** The part of JSON Schema that our description uses; stricter in that an object has no property that is not described. */
final class Schema {

    private static final String REFERENCE = "#/components/schemas/";

    private final JsonNode api;

    Schema(JsonNode api) {
        this.api = api;
    }

    JsonNode target(JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        return reference.startsWith(REFERENCE)
                ? api.path("components").path("schemas").path(reference.substring(REFERENCE.length()))
                : schema;
    }

    /** Adds a sentence for everything in the value that the schema does not allow. */
    void check(JsonNode schema, JsonNode value, String place, List<String> faults) {
        JsonNode target = target(schema);
        String type = target.path("type").asString("any");
        boolean fits = switch (type) {
            case "string" -> value.isString();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            case "array" -> value.isArray();
            case "object" -> value.isObject();
            default -> true;
        };
        if (!fits) {
            faults.add(place + " should be " + type + " and is " + value);
            return;
        }
        if (target.has("enum")) {
            boolean known = target.path("enum").valueStream().anyMatch(value::equals);
            if (!known) {
                faults.add(place + " is " + value + " and not of " + target.path("enum"));
            }
        }
        if (type.equals("array")) {
            value.forEach(item -> check(target.path("items"), item, place + "[]", faults));
        }
        if (type.equals("object")) {
            checkObject(target, value, place, faults);
        }
    }

    private void checkObject(JsonNode target, JsonNode value, String place, List<String> faults) {
        Set<String> required = new TreeSet<>();
        target.path("required").forEach(name -> required.add(name.asString()));
        for (String name : value.propertyNames()) {
            JsonNode property = target.path("properties").path(name);
            JsonNode found = value.path(name);
            if (found.isNull()) {
                if (required.contains(name)) {
                    faults.add(place + "." + name + " is null");
                }
                required.remove(name);
            } else if (property.isObject()) {
                required.remove(name);
                check(property, found, place + "." + name, faults);
            } else if (target.has("additionalProperties")) {
                check(target.path("additionalProperties"), found, place + "." + name, faults);
            } else if (target.has("properties")) {
                faults.add(place + "." + name + " is not described");
            }
        }
        required.forEach(name -> faults.add(place + "." + name + " is missing"));
    }
}
