package io.flotilla.controlplane.recording;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why a terminal ended. */
public enum Ending {
    /** Its process did. */
    EXITED,
    /** Nobody came back to it, or it was closed on purpose. */
    LEFT,
    /** Whoever opened it may not have it any more. */
    ACCESS_ENDED,
    /** The session with its node ended. */
    NODE_AWAY,
    /** The node opened nothing. */
    REFUSED,
    /** The control plane ended. */
    INTERRUPTED;

    /** As the database and the API write it. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Ending of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
