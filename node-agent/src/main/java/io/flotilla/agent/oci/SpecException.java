package io.flotilla.agent.oci;

import org.jspecify.annotations.Nullable;

/** A spec that no container can be made from; nothing was created. The message begins with the field. */
public final class SpecException extends RuntimeException {

    private final String field;

    public SpecException(String field, String problem) {
        this(field, problem, null);
    }

    public SpecException(String field, String problem, @Nullable Throwable cause) {
        super(field + ": " + problem, cause);
        this.field = field;
    }

    /** Dotted path of the field, for example {@code process.user.uid}. */
    public String field() {
        return field;
    }
}
