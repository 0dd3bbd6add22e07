package io.flotilla.controlplane.ui;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;

/** The fields of a posted form, without blanks around them. */
record Form(MultiValueMap<String, String> fields) {

    /** Empty if the form has no such field. */
    String value(String name) {
        String value = fields.getFirst(name);
        return value == null ? "" : value.strip();
    }

    @Nullable
    String valueOrNull(String name) {
        String value = value(name);
        return value.isEmpty() ? null : value;
    }

    /** A password, blanks and all. */
    String secret(String name) {
        String value = fields.getFirst(name);
        return value == null ? "" : value;
    }

    List<String> values(String name) {
        return fields.getOrDefault(name, List.of());
    }
}
