package io.flotilla.agent.network;

import io.flotilla.agent.kernel.NetlinkReply.Body;

/** Traffic of a container as it sees it itself, since it was attached. */
public record NetworkStats(
        long receivedBytes,
        long receivedPackets,
        long receiveErrors,
        long receiveDropped,
        long sentBytes,
        long sentPackets,
        long sendErrors,
        long sendDropped) {

    /** From struct rtnl_link_stats64 of the host's end of the pair, where sent and received change places. */
    static NetworkStats ofHostEnd(Body stats) {
        return new NetworkStats(
                stats.u64(24),
                stats.u64(8),
                stats.u64(40),
                stats.u64(56),
                stats.u64(16),
                stats.u64(0),
                stats.u64(32),
                stats.u64(48));
    }
}
