package io.flotilla.agent.link;

import org.jspecify.annotations.Nullable;

/** A stream will not be opened; the message says why, for the person who asked. */
public final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final @Nullable Integer code;

    /**
     * @param code 126 or 127 where a command cannot be executed or was not found, else null
     */
    public RefusedException(String reason, @Nullable Integer code) {
        super(reason);
        this.code = code;
    }

    @Nullable
    Integer code() {
        return code;
    }
}
