package io.flotilla.agent.cli;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Finds what people mean by a name: a workload by name or id, an allocation by the start of its id. */
final class Targets {

    private static final Set<String> FINAL = Set.of("completed", "stopped", "failed", "lost");

    private Targets() {}

    static boolean isFinal(JsonNode allocation) {
        return FINAL.contains(allocation.path("status").asString(""));
    }

    static JsonNode workload(Api api, String name) throws IOException, InterruptedException {
        String wanted = name.contains("/") ? name.substring(name.indexOf('/') + 1) : name;
        String team = name.contains("/") ? name.substring(0, name.indexOf('/')) : "";
        List<JsonNode> found = api.list("/workloads").stream()
                .filter(each -> each.path("name").asString().equals(wanted)
                        || each.path("id").asString().equals(name))
                .filter(each -> team.isEmpty() || each.path("team").asString().equals(team))
                .toList();
        if (found.size() > 1) {
            throw new IOException("several teams have a workload \"" + name + "\"; write TEAM/" + wanted);
        }
        if (found.isEmpty()) {
            throw new IOException("there is no workload \"" + name + "\"");
        }
        return found.getFirst();
    }

    /** The newest allocation of a workload, running ones first; or the one whose id begins so. */
    static JsonNode allocation(Api api, String name) throws IOException, InterruptedException {
        if (name.matches("[0-9a-f]{8}-?[0-9a-f-]*")) {
            List<JsonNode> byId = api.list("/allocations").stream()
                    .filter(each -> each.path("id").asString().startsWith(name))
                    .toList();
            if (byId.size() == 1) {
                return byId.getFirst();
            }
        }
        String id = workload(api, name).path("id").asString();
        List<JsonNode> all = api.list("/allocations?workload=" + id);
        return all.stream()
                .filter(each -> each.path("status").asString().equals("running"))
                .findFirst()
                .or(() -> all.isEmpty() ? java.util.Optional.empty() : java.util.Optional.of(all.getLast()))
                .orElseThrow(() -> new IOException("workload \"" + name + "\" has no allocations"));
    }
}
