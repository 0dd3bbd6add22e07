package io.flotilla.agent.network;

import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.NetlinkSocket;
import io.flotilla.agent.network.Links.Link;
import io.flotilla.agent.network.Ruleset.Publication;
import io.flotilla.protocol.PortMapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What {@link NodeNetwork} does, for one thread. The attachments on disk are the truth; links, addresses and the table
 * follow from them and are put right at every opening, whenever the agent before was interrupted.
 */
final class Wiring implements AutoCloseable {

    /** The container's end of the pair. */
    private static final String CONTAINER_LINK = "eth0";

    private final NetworkConfig config;
    private final Links links;
    private final Bridge bridge;
    private final Forwarding forwarding;
    private final ForwardPolicy forwardPolicy;
    private final Firewall firewall;
    private final AttachmentStore store;
    private final AddressPool pool;
    private final HostPorts hostPorts = new HostPorts();
    /** Changed by the wiring's thread only; others read. */
    private final Map<String, Attachment> attachments = new ConcurrentHashMap<>();

    private volatile Resolvers resolvers;

    Wiring(NetworkConfig config) throws IOException {
        this.config = config;
        this.store = new AttachmentStore(config.directory().resolve("attachments"), config.names());
        this.links = new Links(NetlinkSocket.open(NetlinkSocket.ROUTE));
        this.forwarding = new Forwarding(config.shared());
        forwarding.enable(links.all());
        this.bridge = Bridge.open(links, config);
        forwarding.routeLoopbackOver(bridge.name());
        this.resolvers = Resolvers.read(config.resolvConf(), config.resolvedConf());
        adopt();
        this.pool = new AddressPool(
                bridge.subnet(),
                attachments.values().stream().map(Attachment::address).toList());
        var netfilter = new Netfilter(NetlinkSocket.open(NetlinkSocket.NETFILTER), config.table());
        this.firewall = new Firewall(netfilter, config.table(), this::ruleset);
        firewall.apply();
        this.forwardPolicy = new ForwardPolicy(bridge.name(), config.table());
        forwardPolicy.ensure();
    }

    /** Keeps the attachments whose link is still there, and removes the rest of both. */
    private void adopt() throws IOException {
        var orphans = new ConcurrentHashMap<String, Link>();
        links.all().stream()
                .filter(link -> link.name().startsWith(config.linkPrefix()))
                .forEach(link -> orphans.put(link.name(), link));
        for (Attachment attachment : store.load()) {
            Link link = orphans.get(linkName(attachment));
            if (link == null
                    || link.master() != bridge.index()
                    || !attachment.subnet().equals(bridge.subnet())) {
                store.remove(attachment.containerId());
            } else {
                orphans.remove(link.name());
                attachments.put(attachment.containerId(), attachment);
                hostPorts.adopt(attachment);
            }
        }
        for (String orphan : orphans.keySet()) {
            links.delete(orphan);
        }
    }

    private Ruleset ruleset() {
        try {
            return new Ruleset(
                    config.table(),
                    bridge.name(),
                    bridge.subnet(),
                    forwarding.unrouted(),
                    resolvers.loopback(),
                    attachments.values().stream()
                            .flatMap(attachment -> Publication.of(attachment).stream())
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Attachment attach(AttachRequest request) throws IOException {
        long inode = inode(request);
        Attachment known = attachments.get(request.containerId());
        if (known != null
                && known.namespaceInode() == inode
                && links.find(linkName(known)).isPresent()) {
            return known;
        }
        if (known != null) {
            release(known);
            removeLink(known);
        }
        Attachment attachment = allocate(request, inode);
        attachments.put(attachment.containerId(), attachment);
        try {
            connect(attachment, request);
            return attachment;
        } catch (IOException | RuntimeException e) {
            undo(attachment, e);
            throw e;
        }
    }

    private Attachment allocate(AttachRequest request, long inode) throws IOException {
        Ipv4 address = pool.allocate();
        List<PortMapping> ports;
        try {
            ports = hostPorts.reserve(request.containerId(), request.ports());
        } catch (IOException e) {
            pool.free(address);
            throw e;
        }
        return new Attachment(
                request.containerId(),
                address,
                bridge.subnet(),
                request.hostName(),
                request.team(),
                request.aliases(),
                ports,
                inode);
    }

    /** The record comes first: what follows is found again by it, or swept for the lack of it. */
    private void connect(Attachment attachment, AttachRequest request) throws IOException {
        store.save(attachment);
        NameFiles files = store.nameFiles(attachment.containerId());
        files.make();
        NameFiles.replace(files.hosts(), NameFiles.hosts(attachment, attachments.values()));
        NameFiles.replace(files.resolvConf(), resolvConf());
        links.createPair(new Links.Pair(
                linkName(attachment),
                bridge.index(),
                bridge.mtu(),
                request.namespace(),
                CONTAINER_LINK,
                Mac.ofContainer(attachment.address())));
        try (var inside = new Links(NetlinkSocket.openInside(request.namespace(), NetlinkSocket.ROUTE))) {
            inside.configureContainer(CONTAINER_LINK, attachment.address(), bridge.subnet());
        }
        firewall.publish(Publication.of(attachment));
    }

    private void undo(Attachment attachment, Exception cause) {
        try {
            release(attachment);
            removeLink(attachment);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * Ends an attachment but for its link, whose removal takes some fifteen milliseconds: {@link #removeLink} is for the
     * caller to do later, on another thread's socket, and then {@link #free}.
     */
    Optional<Attachment> detach(String containerId) throws IOException {
        Attachment attachment = attachments.get(containerId);
        if (attachment == null) {
            return Optional.empty();
        }
        release(attachment);
        return Optional.of(attachment);
    }

    private void release(Attachment attachment) throws IOException {
        attachments.remove(attachment.containerId());
        firewall.withdraw(Publication.of(attachment));
        hostPorts.release(attachment.containerId());
        store.remove(attachment.containerId());
    }

    private void removeLink(Attachment attachment) throws KernelException {
        links.delete(linkName(attachment));
        free(attachment);
    }

    void free(Attachment attachment) {
        pool.free(attachment.address());
    }

    String linkName(Attachment attachment) {
        return "%s%04x".formatted(config.linkPrefix(), bridge.subnet().indexOf(attachment.address()));
    }

    Map<String, Attachment> attached() {
        return Map.copyOf(attachments);
    }

    NameFiles nameFiles(String containerId) {
        return store.nameFiles(containerId);
    }

    Optional<NetworkStats> stats(String containerId) throws IOException {
        Attachment attachment = attachments.get(containerId);
        return attachment == null
                ? Optional.empty()
                : links.find(linkName(attachment)).flatMap(Link::stats);
    }

    private String resolvConf() {
        return NameFiles.kept(resolvers.resolvConf(bridge.subnet().gateway()));
    }

    /** Brings every container's files in line with its peers and the host's resolvers; any thread may call it. */
    void updateNames() throws IOException {
        String resolvConf = resolvConf();
        for (Attachment attachment : attachments.values()) {
            NameFiles files = store.nameFiles(attachment.containerId());
            NameFiles.update(files.hosts(), NameFiles.hosts(attachment, attachments.values()));
            NameFiles.update(files.resolvConf(), resolvConf);
        }
    }

    void refresh() throws IOException {
        forwarding.enable(links.all());
        Resolvers now = Resolvers.read(config.resolvConf(), config.resolvedConf());
        boolean same = now.loopback().equals(resolvers.loopback());
        resolvers = now;
        if (same) {
            firewall.repair();
        } else {
            firewall.apply();
        }
        forwardPolicy.ensure();
    }

    void purge() throws IOException {
        for (Attachment attachment : List.copyOf(attachments.values())) {
            release(attachment);
            removeLink(attachment);
        }
        firewall.remove();
        forwardPolicy.remove();
        links.delete(bridge.name());
        forwarding.restore(links.all());
        store.clear();
        Files.deleteIfExists(config.directory());
    }

    /** The namespace behind the descriptor; unlike its path, the inode says which one it is. */
    private static long inode(AttachRequest request) throws IOException {
        return (Long) Files.getAttribute(
                Path.of("/proc/self/fd", String.valueOf(request.namespace().number())), "unix:ino");
    }

    @Override
    public void close() throws IOException {
        links.close();
        firewall.close();
        hostPorts.close();
    }
}
