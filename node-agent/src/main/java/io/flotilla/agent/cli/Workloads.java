package io.flotilla.agent.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Commands about workloads as a whole. */
final class Workloads {

    private Workloads() {}

    @Command(name = "ps", description = "List allocations.")
    static final class Ps implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Option(
                names = {"-a", "--all"},
                description = "also those that have ended")
        private boolean all;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Table table = new Table("ALLOCATION", "WORKLOAD", "NODE", "STATUS", "RESTARTS", "PORTS", "REASON");
            try (Api api = connection.api()) {
                for (JsonNode each : api.list("/allocations")) {
                    if (all || !Targets.isFinal(each)) {
                        table.row(
                                each.path("id").asString(),
                                each.path("workloadName").asString(),
                                text(each.path("nodeName")),
                                each.path("status").asString(),
                                String.valueOf(Math.max(0, each.path("attempt").asInt(0) - 1)),
                                ports(each.path("ports")),
                                text(each.path("reason")));
                    }
                }
            }
            System.out.print(table);
            return 0;
        }

        private static String ports(JsonNode ports) {
            List<String> found = new ArrayList<>();
            for (JsonNode port : ports) {
                String host = port.path("host").isNumber() ? port.path("host").asInt() + "->" : "";
                found.add(host + port.path("container").asInt() + "/"
                        + port.path("protocol").asString("tcp"));
            }
            return found.isEmpty() ? "-" : String.join(",", found);
        }
    }

    @Command(name = "stop", description = "Stop workloads; their definition stays.")
    static final class Stop implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(arity = "1..*", paramLabel = "WORKLOAD")
        private List<String> names = List.of();

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (Api api = connection.api()) {
                for (String name : names) {
                    String id = Targets.workload(api, name).path("id").asString();
                    api.post("/workloads/" + id + "/stop", Map.of());
                }
            }
            return 0;
        }
    }

    @Command(name = "rm", description = "Remove workloads with their containers.")
    static final class Remove implements CliCommand {

        @Mixin
        private Connection connection = new Connection();

        @Parameters(arity = "1..*", paramLabel = "WORKLOAD")
        private List<String> names = List.of();

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (Api api = connection.api()) {
                for (String name : names) {
                    api.delete("/workloads/"
                            + Targets.workload(api, name).path("id").asString());
                }
            }
            return 0;
        }
    }

    static String text(JsonNode node) {
        return node.isNull() || node.isMissingNode() || node.asString("").isEmpty() ? "-" : node.asString();
    }
}
