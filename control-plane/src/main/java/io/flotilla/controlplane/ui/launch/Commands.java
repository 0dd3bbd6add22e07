package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.ui.words.CommandLine;
import io.flotilla.controlplane.ui.words.Memory;
import io.flotilla.controlplane.workload.WorkloadRequest;
import io.flotilla.controlplane.workload.WorkloadRequest.PortRequest;
import io.flotilla.controlplane.workload.WorkloadRequest.ResourcesRequest;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The same launch by command and by API, to be pasted into a shell. What is so by default is left out. */
final class Commands {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final ObjectWriter WRITER = MAPPER.writer()
            .with(new DefaultPrettyPrinter(
                    Separators.createDefaultInstance().withObjectNameValueSpacing(Separators.Spacing.AFTER)));
    private static final List<String> USUAL = List.of("userns=private", "network=bridge");

    private Commands() {}

    static String run(WorkloadRequest request) {
        List<String> words = new ArrayList<>(List.of("./flotilla", "run", "-d"));
        boolean job = "job".equals(request.kind());
        flag(words, "--job", job);
        flag(words, "-i", request.stdin());
        flag(words, "-t", request.tty());
        add(words, "--name", request.name());
        add(words, "--team", "default".equals(request.team()) ? null : request.team());
        add(words, "--replicas", Integer.valueOf(1).equals(request.replicas()) ? null : request.replicas());
        String restart = request.restart();
        add(words, "--restart", (job ? "never" : "always").equals(restart) ? null : restart);
        flag(words, "--singleton", request.singleton());
        resources(words, request.resources());
        add(words, "--user", request.user());
        add(words, "--workdir", request.workingDir());
        add(words, "--hostname", request.hostName());
        add(words, "--network", "bridge".equals(request.network()) ? null : request.network());
        add(words, "--userns", "private".equals(request.userns()) ? null : request.userns());
        flag(words, "--read-only", request.readOnlyRootfs());
        each(words, "--cap-add", request.capAdd());
        each(words, "--cap-drop", request.capDrop());
        add(words, "--stop-signal", request.stopSignal());
        add(words, "--stop-timeout", seconds(request.stopGraceMillis()));
        each(words, "--constraint", pairs(request.constraints()));
        List<PortRequest> ports = request.ports() == null ? List.of() : request.ports();
        each(words, "-p", ports.stream().map(Commands::port).toList());
        each(words, "-e", pairs(request.env()));
        program(words, request);
        return CommandLine.line(words);
    }

    private static void resources(List<String> words, @Nullable ResourcesRequest resources) {
        if (resources == null) {
            return;
        }
        add(words, "--cpus", resources.cpu());
        add(words, "--cpu-shares", resources.cpuShares());
        Object memory = resources.memory();
        Object swap = resources.swap();
        if (swap != null && memory == null) {
            memory = ResourcesRequest.USUAL_MEMORY;
        }
        add(words, "--memory", memory);
        add(words, "--memory-reservation", resources.memoryReservation());
        add(words, "--memory-swap", swap == null || memory == null ? null : sum(memory, swap));
        add(words, "--pids-limit", resources.pids());
    }

    /** Docker counts both together. Null if one of them is no amount, which the plan says. */
    private static @Nullable Long sum(Object memory, Object swap) {
        try {
            return Memory.parse(memory.toString()) + Memory.parse(swap.toString());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static void program(List<String> words, WorkloadRequest request) {
        List<String> command = request.command();
        if (command != null) {
            boolean plain = command.size() == 1 && !command.getFirst().startsWith("[");
            add(words, "--entrypoint", plain ? command.getFirst() : MAPPER.writeValueAsString(command));
        }
        List<String> args = request.args();
        flag(words, "--no-command", args != null && args.isEmpty());
        words.add(request.image() == null || request.image().isEmpty() ? "IMAGE" : request.image());
        words.addAll(args == null ? List.of() : args);
    }

    /** @param url of the control plane, as others type it */
    static String call(String method, String url, String path, Object body) {
        String json = WRITER.writeValueAsString(lean(MAPPER.valueToTree(body)));
        return "curl -sS --fail-with-body -X " + method + " " + url + path + " \\\n"
                + "  -H \"Authorization: Bearer $FLOTILLA_TOKEN\" -H 'Content-Type: application/json' \\\n"
                + "  -d " + CommandLine.line(List.of(json));
    }

    /** Arguments that are none are something else than arguments that are not given. */
    private static JsonNode lean(JsonNode node) {
        node.values().forEach(Commands::lean);
        if (node instanceof ObjectNode object) {
            for (String name : List.copyOf(object.propertyNames())) {
                JsonNode value = object.path(name);
                boolean empty = value.isContainer() && value.isEmpty() && !name.equals("args");
                boolean off = value.isBoolean() && !value.asBoolean();
                if (value.isNull() || empty || off || USUAL.contains(name + "=" + value.asString(""))) {
                    object.remove(name);
                }
            }
        }
        return node;
    }

    private static String port(PortRequest port) {
        return (port.host() == null ? "" : port.host() + ":")
                + port.container()
                + ("udp".equals(port.protocol()) ? "/udp" : "");
    }

    private static List<String> pairs(@Nullable Map<String, String> values) {
        return values == null
                ? List.of()
                : values.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .toList();
    }

    private static @Nullable String seconds(@Nullable Long millis) {
        return millis == null
                ? null
                : BigDecimal.valueOf(millis, 3).stripTrailingZeros().toPlainString();
    }

    private static void flag(List<String> words, String option, @Nullable Boolean set) {
        if (Boolean.TRUE.equals(set)) {
            words.add(option);
        }
    }

    private static void each(List<String> words, String option, @Nullable List<String> values) {
        if (values != null) {
            values.forEach(value -> add(words, option, value));
        }
    }

    private static void add(List<String> words, String option, @Nullable Object value) {
        if (value != null && !value.toString().isEmpty()) {
            words.add(option);
            words.add(value instanceof BigDecimal number ? number.toPlainString() : value.toString());
        }
    }
}
