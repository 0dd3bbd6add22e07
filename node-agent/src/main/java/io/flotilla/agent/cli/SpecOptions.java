package io.flotilla.agent.cli;

import io.flotilla.protocol.Codec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a container may be told, by the names that {@code docker run} has for it, and what of it the REST form has. */
final class SpecOptions {

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME=VALUE",
            mapFallbackValue = Option.NULL_VALUE,
            description = "environment variable; without a value, this shell's")
    private Map<String, @Nullable String> env = new LinkedHashMap<>();

    @Option(
            names = {"-p", "--publish"},
            paramLabel = "[HOST:]PORT[/udp]",
            description = "publish a port")
    private List<String> ports = List.of();

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "memory limit, as in 256m or 1.5Gi")
    private @Nullable String memory;

    @Option(names = "--memory-reservation", paramLabel = "SIZE", description = "soft memory limit")
    private @Nullable String memoryReservation;

    @Option(names = "--memory-swap", paramLabel = "SIZE", description = "memory and swap together (default: no swap)")
    private @Nullable String memorySwap;

    @Option(names = "--cpus", paramLabel = "CORES", description = "CPU limit in cores, as in 0.5")
    private @Nullable BigDecimal cpus;

    @Option(
            names = {"-c", "--cpu-shares"},
            paramLabel = "WEIGHT",
            description = "share of the CPU where it is scarce, 2 to 262144")
    private @Nullable Long cpuShares;

    @Option(names = "--pids-limit", paramLabel = "COUNT", description = "processes at most")
    private @Nullable Long pids;

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "run as this user of the image")
    private @Nullable String user;

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIR",
            description = "working directory in the container")
    private @Nullable String workingDir;

    @Option(names = "--hostname", paramLabel = "NAME", description = "host name in the container")
    private @Nullable String hostName;

    @Option(
            names = "--entrypoint",
            paramLabel = "PROGRAM",
            description = "replaces the image's entry point; several words as in '[\"sh\", \"-c\"]'")
    private @Nullable String entryPoint;

    @Option(names = "--no-command", description = "run the entry point without the image's own command")
    private boolean noCommand;

    @Option(names = "--network", paramLabel = "KIND", description = "bridge, host or none")
    private @Nullable String network;

    @Option(names = "--userns", paramLabel = "KIND", description = "private or host")
    private @Nullable String userns;

    @Option(names = "--read-only", description = "nothing of the image can be changed while it runs")
    private boolean readOnly;

    @Option(names = "--cap-add", paramLabel = "CAPABILITY", description = "add a capability, as in NET_ADMIN")
    private List<String> capAdd = List.of();

    @Option(names = "--cap-drop", paramLabel = "CAPABILITY", description = "take a capability away")
    private List<String> capDrop = List.of();

    @Option(names = "--stop-signal", paramLabel = "SIGNAL", description = "signal that asks it to stop")
    private @Nullable String stopSignal;

    @Option(names = "--stop-timeout", paramLabel = "SECONDS", description = "time to stop before it is killed")
    private @Nullable BigDecimal stopSeconds;

    @Option(names = "--constraint", paramLabel = "LABEL=VALUE", description = "only nodes with this label")
    private Map<String, String> constraints = new LinkedHashMap<>();

    /**
     * Adds to the body of a launch what was given, and nothing else.
     *
     * @param command what stood after the image
     */
    void fill(Map<String, Object> body, List<String> command) {
        if (noCommand && !command.isEmpty()) {
            throw new IllegalArgumentException("--no-command and a command cannot be combined");
        }
        put(body, "command", entryPoint == null ? null : words(entryPoint));
        put(body, "args", command.isEmpty() && !noCommand ? null : command);
        put(body, "env", env());
        put(body, "ports", ports.stream().map(PortArgument::parse).toList());
        put(body, "resources", resources());
        put(body, "user", user);
        put(body, "workingDir", workingDir);
        put(body, "hostName", hostName);
        put(body, "network", network);
        put(body, "userns", userns);
        put(body, "readOnlyRootfs", readOnly ? true : null);
        put(body, "capAdd", capabilities(capAdd));
        put(body, "capDrop", capabilities(capDrop));
        put(body, "stopSignal", stopSignal);
        put(
                body,
                "stopGraceMillis",
                stopSeconds == null ? null : stopSeconds.movePointRight(3).longValue());
        put(body, "constraints", constraints);
    }

    private Map<String, Object> resources() {
        Map<String, Object> resources = new LinkedHashMap<>();
        put(resources, "cpu", cpus);
        put(resources, "cpuShares", cpuShares);
        put(resources, "memory", memory == null ? null : SizeArgument.bytes("--memory", memory));
        put(
                resources,
                "memoryReservation",
                memoryReservation == null ? null : SizeArgument.bytes("--memory-reservation", memoryReservation));
        put(resources, "swap", memorySwap == null ? null : swap(memorySwap));
        put(resources, "pids", pids);
        return resources;
    }

    /** Docker counts memory and swap together, the REST form the swap alone. */
    private long swap(String together) {
        if (memory == null) {
            throw new IllegalArgumentException("--memory-swap needs --memory");
        }
        long swap = SizeArgument.bytes("--memory-swap", together) - SizeArgument.bytes("--memory", memory);
        if (swap < 0) {
            throw new IllegalArgumentException("--memory-swap " + together + " is less than --memory " + memory);
        }
        return swap;
    }

    private Map<String, String> env() {
        Map<String, String> given = new LinkedHashMap<>();
        env.forEach((name, value) -> {
            String text = value == null ? System.getenv(name) : value;
            if (text != null) {
                given.put(name, text);
            }
        });
        return given;
    }

    private static List<String> capabilities(List<String> names) {
        return names.stream()
                .flatMap(each -> Arrays.stream(each.split(",", -1)))
                .toList();
    }

    /** One program, or a list in JSON where the entry point has words of its own. */
    private static List<String> words(String entryPoint) {
        if (!entryPoint.startsWith("[")) {
            return List.of(entryPoint);
        }
        try {
            return new ArrayList<>(Arrays.asList(Codec.decode(entryPoint, String[].class)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--entrypoint " + entryPoint + " is no list of words, as in [\"sh\", \"-c\"]", e);
        }
    }

    static void put(Map<String, Object> body, String key, @Nullable Object value) {
        boolean nothing = value == null
                || (value instanceof Map<?, ?> map && map.isEmpty())
                || (value instanceof List<?> list && list.isEmpty() && !key.equals("args"));
        if (!nothing) {
            body.put(key, value);
        }
    }
}
