package io.flotilla.agent.reconcile;

import org.jspecify.annotations.Nullable;

/** A pull or a start did not succeed; the message is one sentence for people. */
public final class FailedStepException extends Exception {

    private static final long serialVersionUID = 1L;

    private final @Nullable Integer code;
    private final boolean lasting;

    /**
     * @param code 126 or 127 where the command cannot be executed or was not found, else null
     * @param lasting trying again cannot help
     */
    public FailedStepException(String reason, @Nullable Integer code, boolean lasting, @Nullable Throwable cause) {
        super(reason, cause);
        this.code = code;
        this.lasting = lasting;
    }

    public @Nullable Integer code() {
        return code;
    }

    public boolean lasting() {
        return lasting;
    }
}
