package io.flotilla.agent.network;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets the containers' traffic pass where somebody else's iptables rules drop what they do not know: a Docker daemon
 * sets the policy of FORWARD to drop and gives others the chain DOCKER-USER. What may come in from outside is still for
 * our own table to say.
 */
final class ForwardPolicy {

    private static final String DOCKER_USER = "DOCKER-USER";
    private static final String FORWARD = "FORWARD";

    private final String bridge;
    private final String comment;
    private final Optional<Path> iptables = HostCommand.find("iptables");

    ForwardPolicy(String bridge, String table) {
        this.bridge = bridge;
        this.comment = table;
    }

    /** Adds our rules where they are needed and missing. */
    void ensure() throws IOException {
        if (iptables.isEmpty()) {
            return;
        }
        Optional<String> chain = chain(iptables.get());
        if (chain.isEmpty()) {
            return;
        }
        for (List<String> rule : rules()) {
            if (run(iptables.get(), "-C", chain.get(), rule).exitCode() != 0) {
                var result = run(iptables.get(), "-I", chain.get(), rule);
                if (result.exitCode() != 0) {
                    throw new NetworkException(
                            "iptables refused a rule for " + bridge + " in " + chain.get() + ": " + result.output());
                }
            }
        }
    }

    /** Removes our rules wherever they are. */
    void remove() throws IOException {
        if (iptables.isEmpty()) {
            return;
        }
        for (String chain : List.of(DOCKER_USER, FORWARD)) {
            for (List<String> rule : rules()) {
                boolean removed;
                do {
                    removed = run(iptables.get(), "-D", chain, rule).exitCode() == 0;
                } while (removed);
            }
        }
    }

    private static Optional<String> chain(Path tool) throws IOException {
        String rules = run(tool, "-S", "", List.of()).output();
        if (rules.contains("-N " + DOCKER_USER)) {
            return Optional.of(DOCKER_USER);
        }
        return rules.contains("-P " + FORWARD + " DROP") ? Optional.of(FORWARD) : Optional.empty();
    }

    private List<List<String>> rules() {
        var note = List.of("-m", "comment", "--comment", comment, "-j", "ACCEPT");
        return List.of(joined(List.of("-i", bridge), note), joined(List.of("-o", bridge), note));
    }

    private static List<String> joined(List<String> first, List<String> second) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static HostCommand.Result run(Path tool, String action, String chain, List<String> rule)
            throws IOException {
        var arguments = new ArrayList<>(List.of("-w", "5", action));
        if (!chain.isEmpty()) {
            arguments.add(chain);
        }
        arguments.addAll(rule);
        return HostCommand.run(tool, arguments, "");
    }
}
