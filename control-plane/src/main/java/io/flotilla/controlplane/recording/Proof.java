package io.flotilla.controlplane.recording;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What comparing a recording's file with the audit log shows. */
public enum Proof {
    /** The file is the one whose hash stands in the log. */
    WHOLE,
    /** It is not. */
    CHANGED,
    /** There is no file, and nothing says that it was removed. */
    MISSING,
    /** Retention removed it. */
    REMOVED,
    /** Another control plane has it. */
    ELSEWHERE,
    /** The terminal is open. */
    ALIVE;

    /** As the API writes it. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
