package io.flotilla.agent.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything that a container could leave on the host. */
record Traces(
        List<String> groups, List<String> runtime, List<String> names, List<String> writable, int links, int mounts) {

    static Traces of(TestNode node) throws IOException {
        List<String> groups = new ArrayList<>();
        for (String group : node.parts.cgroups().list()) {
            groups.add(group);
        }
        return new Traces(
                groups,
                names(node.paths.containersRuntime()),
                names(node.paths.names()),
                List.copyOf(node.parts.snapshots().list()),
                (int) names(Path.of("/sys/class/net")).stream()
                        .filter(link -> link.startsWith("fv" + node.paths.node8()))
                        .count(),
                (int) Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                        .filter(line -> line.contains(node.paths.data().toString()))
                        .count());
    }

    static List<String> names(@Nullable Path directory) throws IOException {
        if (directory == null || !Files.exists(directory)) {
            return List.of();
        }
        try (var entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
