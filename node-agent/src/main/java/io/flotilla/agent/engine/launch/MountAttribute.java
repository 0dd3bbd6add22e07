package io.flotilla.agent.engine.launch;

/** Attributes of one mount, mount_setattr(2). */
public enum MountAttribute {
    READ_ONLY(0x1),
    NO_SUID(0x2),
    NO_DEV(0x4),
    NO_EXEC(0x8),
    NO_ATIME(0x10),
    STRICT_ATIME(0x20),
    NO_DIR_ATIME(0x80),
    NO_SYMFOLLOW(0x200000);

    private final int bit;

    MountAttribute(int bit) {
        this.bit = bit;
    }

    int bit() {
        return bit;
    }
}
