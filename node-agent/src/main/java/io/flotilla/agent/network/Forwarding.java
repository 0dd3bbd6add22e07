package io.flotilla.agent.network;

import io.flotilla.agent.network.Links.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * The kernel's switches for forwarding, in the calling thread's network namespace. Turning forwarding on makes a router
 * of the whole host; so it is remembered between which interfaces it was not one before, and the table keeps it so.
 */
final class Forwarding {

    private static final Path IPV4 = Path.of("/proc/sys/net/ipv4");
    private static final String ON = "1";
    private static final String OFF = "0";

    private final Path record;

    /** @param record lists the interfaces there were when forwarding was turned on by us; missing if it was on already */
    Forwarding(Path record) {
        this.record = record;
    }

    /** Turns forwarding on if it is off. */
    void enable(Collection<Link> links) throws IOException {
        if (read("ip_forward").equals(ON)) {
            return;
        }
        var names = links.stream()
                .map(Link::name)
                .filter(name -> !name.equals("lo") && !name.startsWith("fl-") && !name.startsWith("fv"))
                .toList();
        Files.write(record, names);
        write("ip_forward", ON);
    }

    /** The interfaces that the host shall not forward between. */
    List<String> unrouted() throws IOException {
        return Files.exists(record) ? Files.readAllLines(record) : List.of();
    }

    /** Turns off what we turned on, unless an interface came since that may rely on it, such as another bridge. */
    void restore(Collection<Link> links) throws IOException {
        if (!Files.exists(record)) {
            return;
        }
        var before = Files.readAllLines(record);
        boolean same = links.stream().map(Link::name).allMatch(name -> name.equals("lo") || before.contains(name));
        if (same) {
            write("ip_forward", OFF);
        }
        Files.delete(record);
    }

    /** Lets 127.0.0.1 reach containers over this bridge; the table drops what containers send to it. */
    void routeLoopbackOver(String bridge) throws IOException {
        write("conf/" + bridge + "/route_localnet", ON);
    }

    private static String read(String name) throws IOException {
        return Files.readString(IPV4.resolve(name)).strip();
    }

    private static void write(String name, String value) throws IOException {
        if (read(name).equals(value)) {
            return;
        }
        try {
            Files.writeString(IPV4.resolve(name), value);
        } catch (IOException e) {
            throw new NetworkException("set net.ipv4." + name.replace('/', '.') + " to " + value, e);
        }
    }
}
