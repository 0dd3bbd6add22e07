package io.flotilla.protocol.registry;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Brings a foreign image config into one shape: Go programs write null for an empty list and {@code {"80/tcp": {}}} for a
 * set, and very old builders wrote Entrypoint as a string.
 */
final class ImageConfigShape {

    private static final String[] LISTS = {"Env", "Entrypoint", "Cmd"};
    private static final String[] SETS = {"ExposedPorts", "Volumes"};
    private static final String[] TEXTS = {"User", "WorkingDir", "StopSignal"};

    private ImageConfigShape() {}

    static JsonNode normalised(JsonNode config) {
        if (config.path("config") instanceof ObjectNode process) {
            for (String name : LISTS) {
                list(process, name);
            }
            for (String name : SETS) {
                set(process, name);
            }
            for (String name : TEXTS) {
                if (!process.path(name).isString()) {
                    process.put(name, "");
                }
            }
            if (!process.path("Labels").isObject()) {
                process.putObject("Labels");
            }
        }
        return config;
    }

    private static void list(ObjectNode process, String name) {
        JsonNode value = process.path(name);
        if (value.isString()) {
            process.putArray(name).add(value.asString());
        } else if (!value.isArray()) {
            process.putArray(name);
        }
    }

    private static void set(ObjectNode process, String name) {
        JsonNode value = process.path(name);
        if (!value.isArray()) {
            var array = process.putArray(name);
            value.propertyNames().forEach(array::add);
        }
    }
}
