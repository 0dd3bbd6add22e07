/** The node's container network: one bridge, one nftables table, addresses, published ports and names. */
@NullMarked
package io.flotilla.agent.network;

import org.jspecify.annotations.NullMarked;
