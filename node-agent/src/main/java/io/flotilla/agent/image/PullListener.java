package io.flotilla.agent.image;

import io.flotilla.protocol.PullProgress;

/** Hears how far a pull is, at most four times a second and at its end; must not block. */
public interface PullListener {

    void progress(PullProgress progress);

    /** Hears nothing. */
    PullListener NONE = progress -> {};
}
