package io.flotilla.agent.engine.launch;

import java.io.IOException;

/** The shim is gone without having said how the container ended: that is then unknown. */
public final class ShimLostException extends IOException {

    private static final long serialVersionUID = 1;

    ShimLostException(String message) {
        super(message);
    }
}
