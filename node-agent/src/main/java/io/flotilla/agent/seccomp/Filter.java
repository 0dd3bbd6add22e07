package io.flotilla.agent.seccomp;

import io.flotilla.protocol.Digest;

/** A compiled filter. */
public final class Filter {

    private final Digest profile;
    private final byte[] program;

    Filter(Digest profile, byte[] program) {
        this.profile = profile;
        this.program = program;
    }

    /** Digest of the resolved profile, by which applied state names it. */
    public Digest profile() {
        return profile;
    }

    /** struct sock_filter after struct sock_filter, 8 bytes each, in the host's byte order. */
    public byte[] program() {
        return program.clone();
    }
}
