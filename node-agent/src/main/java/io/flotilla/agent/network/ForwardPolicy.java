package io.flotilla.agent.network;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Lets the containers' traffic pass where somebody else's iptables rules drop what they do not know: a Docker daemon
 * sets the policy of FORWARD to drop and gives others the chain DOCKER-USER. What may come in from outside is still for
 * our own table to say, and what may reach Docker's containers for Docker's rules.
 */
final class ForwardPolicy {

    private static final String DOCKER_USER = "DOCKER-USER";
    private static final String FORWARD = "FORWARD";

    /** How Docker leads traffic to one of its bridges through its chain of published ports. */
    private static final Pattern DOCKER_BRIDGE = Pattern.compile("(?m)^-A \\S+ -o (\\S+) -j DOCKER$");

    private final String bridge;
    private final String comment;
    private final Optional<Path> iptables = HostCommand.find("iptables");
    private final Optional<Path> restore = HostCommand.find("iptables-restore");

    ForwardPolicy(String bridge, String table) {
        this.bridge = bridge;
        this.comment = " -m comment --comment " + table + " ";
    }

    /** Makes our rules what they shall be. */
    void ensure() throws IOException {
        replace(this::wanted);
    }

    /** Removes our rules wherever they are. */
    void remove() throws IOException {
        replace(rules -> List.of());
    }

    private interface Choice {
        List<String> given(String rules);
    }

    /** All in one transaction. */
    private void replace(Choice choice) throws IOException {
        if (iptables.isEmpty() || restore.isEmpty()) {
            return;
        }
        String rules =
                HostCommand.run(iptables.get(), List.of("-w", "5", "-S"), "").output();
        List<String> present =
                rules.lines().filter(rule -> rule.contains(comment)).toList();
        List<String> wanted = choice.given(rules);
        if (present.equals(wanted)) {
            return;
        }
        var script = new ArrayList<>(List.of("*filter"));
        present.forEach(rule -> script.add(rule.replaceFirst("-A", "-D")));
        wanted.reversed().forEach(rule -> script.add(rule.replaceFirst("-A", "-I")));
        script.add("COMMIT\n");
        var result = HostCommand.run(restore.get(), List.of("-w", "5", "--noflush"), String.join("\n", script));
        if (result.exitCode() != 0) {
            throw new NetworkException("iptables refused the rules for " + bridge + ": " + result.output());
        }
    }

    /** In the words and the order in which iptables lists them. */
    private List<String> wanted(String rules) {
        if (rules.contains("-N " + DOCKER_USER)) {
            List<String> wanted = new ArrayList<>();
            DOCKER_BRIDGE
                    .matcher(rules)
                    .results()
                    .map(match -> rule(DOCKER_USER, "-i " + bridge + " -o " + match.group(1), "RETURN"))
                    .forEach(wanted::add);
            wanted.addAll(accepting(DOCKER_USER));
            return wanted;
        }
        return rules.contains("-P " + FORWARD + " DROP") ? accepting(FORWARD) : List.of();
    }

    private List<String> accepting(String chain) {
        return List.of(rule(chain, "-i " + bridge, "ACCEPT"), rule(chain, "-o " + bridge, "ACCEPT"));
    }

    private String rule(String chain, String match, String target) {
        return "-A " + chain + " " + match + comment + "-j " + target;
    }
}
