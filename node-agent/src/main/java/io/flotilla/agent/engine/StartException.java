package io.flotilla.agent.engine;

/** A container could not be started; nothing is left of it. The message is one sentence for people. */
public final class StartException extends Exception {

    private static final long serialVersionUID = 1;

    private final int exitCode;
    private final boolean lasting;

    StartException(String sentence, int exitCode, boolean lasting, Throwable cause) {
        super(sentence, cause);
        this.exitCode = exitCode;
        this.lasting = lasting;
    }

    /** 127 if the program was not found, 126 if it cannot be executed, 125 for everything before. */
    public int exitCode() {
        return exitCode;
    }

    /** Whether trying again with the same allocation and image cannot help. */
    public boolean lasting() {
        return lasting;
    }
}
