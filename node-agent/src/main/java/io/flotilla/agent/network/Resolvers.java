package io.flotilla.agent.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The host's resolvers as containers can use them (resolv.conf(5)). One that listens on the host's loopback is out of a
 * container's reach: where systemd-resolved runs, the resolvers behind it are taken instead; where there is nothing
 * else, the gateway's port 53 leads to it. IPv6 resolvers are left out, since containers have IPv4 only.
 *
 * @param servers what containers can reach directly
 * @param loopback the host's first resolver on loopback, if it has no other
 * @param settings the lines {@code search} and {@code options}, as they stand
 */
record Resolvers(List<Ipv4> servers, Optional<Ipv4> loopback, List<String> settings) {

    private static final int MOST_SERVERS = 3;

    /** Reads the host's file, and the one behind systemd-resolved if that is all there is. */
    static Resolvers read(Path resolvConf, Path behindStub) throws IOException {
        var first = parse(lines(resolvConf));
        if (!first.servers.isEmpty()) {
            return first;
        }
        var behind = parse(lines(behindStub));
        return behind.servers.isEmpty() ? first : behind;
    }

    static Resolvers parse(List<String> lines) {
        var servers = new ArrayList<Ipv4>();
        var loopback = new ArrayList<Ipv4>();
        var settings = new ArrayList<String>();
        for (String line : lines) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length > 1 && words[0].equals("nameserver")) {
                Ipv4.find(words[1]).ifPresent(address -> (address.isLoopback() ? loopback : servers).add(address));
            } else if (words.length > 1 && (words[0].equals("search") || words[0].equals("options"))) {
                settings.add(line.strip());
            }
        }
        var usable = servers.stream().limit(MOST_SERVERS).toList();
        return new Resolvers(usable, usable.isEmpty() ? loopback.stream().findFirst() : Optional.empty(), settings);
    }

    /** A container's /etc/resolv.conf. */
    String resolvConf(Ipv4 gateway) {
        var text = new StringBuilder();
        var offered = loopback.isPresent() ? List.of(gateway) : servers;
        offered.forEach(server -> text.append("nameserver ").append(server).append('\n'));
        settings.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }
}
