package io.flotilla.controlplane.ui.page;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;

/** The fields of a posted form, without blanks around them. */
public record Form(MultiValueMap<String, String> fields) {

    /** Empty if the form has no such field. */
    public String value(String name) {
        String value = fields.getFirst(name);
        return value == null ? "" : value.strip();
    }

    @Nullable
    public String valueOrNull(String name) {
        String value = value(name);
        return value.isEmpty() ? null : value;
    }

    /** A password, blanks and all. */
    public String secret(String name) {
        String value = fields.getFirst(name);
        return value == null ? "" : value;
    }

    public List<String> values(String name) {
        return fields.getOrDefault(name, List.of());
    }
}
