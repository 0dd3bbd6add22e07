package io.flotilla.controlplane.dispatch;

import org.jspecify.annotations.Nullable;

/** The node would not open a stream, or ended it badly; the message is its sentence. */
public final class StreamRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final @Nullable Integer code;

    StreamRefused(String reason, @Nullable Integer code) {
        super(reason, null, false, false);
        this.code = code;
    }

    /** 126 (cannot be executed) or 127 (not found) where one of these is the reason; else null. */
    public @Nullable Integer code() {
        return code;
    }
}
