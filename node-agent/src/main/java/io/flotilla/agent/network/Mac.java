package io.flotilla.agent.network;

import java.nio.ByteBuffer;

/** A locally administered MAC address; the low 32 bits tell ours apart. */
record Mac(short kind, int low) {

    private static final short OF_BRIDGE = 0x02f0;
    private static final short OF_CONTAINER = 0x02f1;

    static Mac ofBridge(String node8) {
        return new Mac(OF_BRIDGE, Integer.parseUnsignedInt(node8, 16));
    }

    /** It follows from the address, so that no peer remembers a wrong one when the address is given out again. */
    static Mac ofContainer(Ipv4 address) {
        return new Mac(OF_CONTAINER, address.bits());
    }

    byte[] bytes() {
        return ByteBuffer.allocate(6).putShort(kind).putInt(low).array();
    }
}
