package io.flotilla.agent.network;

import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.network.Ruleset.Publication;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** The node's nftables table: laid down whole by {@code nft}, its elements changed by netlink. Not thread-safe. */
final class Firewall implements AutoCloseable {

    private final Netfilter netfilter;
    private final String table;
    private final Supplier<Ruleset> ruleset;
    private final Path nft;

    /** @param ruleset what the table shall be at the moment of the call */
    Firewall(Netfilter netfilter, String table, Supplier<Ruleset> ruleset) throws NetworkException {
        this.netfilter = netfilter;
        this.table = table;
        this.ruleset = ruleset;
        this.nft = HostCommand.find("nft")
                .orElseThrow(() -> new NetworkException("nft was not found; install the package nftables"));
    }

    void apply() throws IOException {
        run(ruleset.get().script());
    }

    /** Another program may have flushed the whole ruleset: then lays the table down again. */
    void repair() throws IOException {
        if (!netfilter.hasTable()) {
            apply();
        }
    }

    void publish(List<Publication> publications) throws IOException {
        try {
            netfilter.publish(publications);
        } catch (KernelException e) {
            applyIfGone(e);
        }
        netfilter.forgetUdpFlows(publications);
    }

    void withdraw(List<Publication> publications) throws IOException {
        try {
            netfilter.withdraw(publications);
        } catch (KernelException e) {
            applyIfGone(e);
        }
        netfilter.forgetUdpFlows(publications);
    }

    /** ENOENT: the table, the map or an element is not there, so the table is not as it shall be. */
    private void applyIfGone(KernelException e) throws IOException {
        if (e.errno() != Errno.ENOENT) {
            throw e;
        }
        apply();
    }

    void remove() throws IOException {
        run(Ruleset.removal(table));
    }

    private void run(String script) throws IOException {
        var result = HostCommand.run(nft, List.of("-f", "-"), script);
        if (result.exitCode() != 0) {
            throw new NetworkException("nft refused table " + table + ": " + result.output());
        }
    }

    @Override
    public void close() {
        netfilter.close();
    }
}
