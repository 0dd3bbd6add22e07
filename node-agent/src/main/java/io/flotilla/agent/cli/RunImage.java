package io.flotilla.agent.cli;

import io.flotilla.agent.websocket.WebSocket;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code run}: a new container for one command, removed when it has ended. */
@Command(
        name = "run",
        description = {
            "Run a command in a new container and remove it at the end.",
            "-it attaches this terminal to the container's first process; -d leaves it running as a service."
        })
final class RunImage implements CliCommand {

    /** The container could not be run at all, as `docker run` counts it. */
    private static final int NOT_RUN = 125;

    private static final long LOOK_MILLIS = 25;
    private static final long SAY_WHY_AFTER_NANOS = 1_500_000_000L;

    @Mixin
    private Connection connection = new Connection();

    @Option(
            names = {"-t", "--tty"},
            description = "give the process a terminal")
    private boolean tty;

    @Option(
            names = {"-i", "--interactive"},
            description = "pass standard input on")
    private boolean interactive;

    @Option(
            names = {"-d", "--detach"},
            description = "start a service, print its name and leave it")
    private boolean detach;

    @Option(names = "--name", paramLabel = "NAME", description = "the workload's name (default: a new one)")
    private @Nullable String name;

    @Option(names = "--team", paramLabel = "TEAM", description = "the team that owns it (default: default)")
    private @Nullable String team;

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME=VALUE",
            description = "environment variable")
    private Map<String, String> env = new LinkedHashMap<>();

    @Option(
            names = {"-p", "--publish"},
            paramLabel = "[HOST:]PORT[/udp]",
            description = "publish a port")
    private List<String> ports = List.of();

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "memory limit, as in 256Mi")
    private @Nullable String memory;

    @Option(names = "--cpus", paramLabel = "CORES", description = "CPU limit in cores, as in 0.5")
    private @Nullable String cpus;

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

    @Option(names = "--entrypoint", paramLabel = "PROGRAM", description = "replaces the image's entry point")
    private @Nullable String entryPoint;

    @Option(names = "--network", paramLabel = "KIND", description = "bridge, host or none")
    private @Nullable String network;

    @Parameters(index = "0", paramLabel = "IMAGE")
    private String image = "";

    @Parameters(index = "1..*", paramLabel = "COMMAND")
    private List<String> command = List.of();

    /** What is not detached is always removed. */
    @Option(names = "--rm", hidden = true, description = "accepted for Docker's sake")
    void acceptRemove(boolean given) {
        if (given && detach) {
            throw new IllegalArgumentException("--rm and -d cannot be combined");
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (Api api = connection.api()) {
            String id;
            try {
                id = api.post("/workloads", body()).path("id").asString();
            } catch (ApiException e) {
                System.err.println("flotilla: " + e.getMessage());
                return NOT_RUN;
            }
            if (detach) {
                System.out.println(name);
                return 0;
            }
            AtomicBoolean removed = new AtomicBoolean();
            Thread hook = new Thread(() -> remove(id, removed), "remove");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                return follow(api, id);
            } finally {
                remove(id, removed);
            }
        }
    }

    private Map<String, Object> body() {
        if (name == null) {
            name = "run-%08x".formatted(ThreadLocalRandom.current().nextInt());
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", name);
        body.put("kind", detach ? "service" : "job");
        body.put("image", image);
        body.put("tty", tty);
        // Only the stream of a process is all that it wrote, byte for byte: its log is text, and makes room for itself.
        body.put("stdin", interactive || !detach);
        if (!detach) {
            body.put("restart", "never");
        }
        put(body, "team", team);
        put(body, "user", user);
        put(body, "workingDir", workingDir);
        put(body, "network", network);
        put(body, "command", entryPoint == null ? null : List.of(entryPoint));
        put(body, "args", command.isEmpty() ? null : command);
        put(body, "env", env.isEmpty() ? null : env);
        put(
                body,
                "ports",
                ports.isEmpty() ? null : ports.stream().map(PortArgument::parse).toList());
        Map<String, Object> resources = new LinkedHashMap<>();
        put(resources, "cpu", cpus == null ? null : new java.math.BigDecimal(cpus));
        put(resources, "memory", memory);
        put(body, "resources", resources.isEmpty() ? null : resources);
        return body;
    }

    private static void put(Map<String, Object> body, String key, @Nullable Object value) {
        if (value != null) {
            body.put(key, value);
        }
    }

    private int follow(Api api, String workload) throws IOException, InterruptedException {
        JsonNode allocation = awaitStart(api, workload);
        String id = allocation.path("id").asString();
        if (!allocation.path("runningAt").isNull()) {
            try (WebSocket socket = api.open("/allocations/" + id + "/attach")) {
                ProcessClient.Result result = new ProcessClient(socket, tty, interactive, System.err).run();
                if (result.refusal() == null) {
                    return result.code();
                }
            }
            // It ended too long before it could be attached to: what it wrote is in its log.
        }
        Logs.print(api, id, true, null, false);
        return exitCode(api, id);
    }

    private static JsonNode awaitStart(Api api, String workload) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        String said = "";
        while (true) {
            List<JsonNode> allocations = api.list("/allocations?workload=" + workload);
            if (!allocations.isEmpty()) {
                JsonNode newest = allocations.getLast();
                String status = newest.path("status").asString();
                if (status.equals("running") || Targets.isFinal(newest)) {
                    return newest;
                }
                String why = status + reason(newest);
                if (!why.equals(said) && System.nanoTime() - begin > SAY_WHY_AFTER_NANOS) {
                    System.err.println("flotilla: " + why);
                    said = why;
                }
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private static String reason(JsonNode allocation) {
        JsonNode reason = allocation.path("reason");
        return reason.isNull() || reason.isMissingNode() ? "" : ": " + reason.asString();
    }

    private static int exitCode(Api api, String id) throws IOException, InterruptedException {
        JsonNode allocation = api.get("/allocations/" + id);
        while (!Targets.isFinal(allocation)) {
            Thread.sleep(LOOK_MILLIS);
            allocation = api.get("/allocations/" + id);
        }
        JsonNode code = allocation.path("exitCode");
        if (!code.isNumber()) {
            System.err.println("flotilla: " + allocation.path("status").asString() + reason(allocation));
            return NOT_RUN;
        }
        if (code.asInt() == 126 || code.asInt() == 127) {
            System.err.println("flotilla: " + allocation.path("status").asString() + reason(allocation));
        }
        return code.asInt();
    }

    /** Also from the shutdown hook, so that Ctrl-C and a closed terminal leave nothing behind. */
    private void remove(String workload, AtomicBoolean removed) {
        if (removed.compareAndSet(false, true)) {
            try (Api api = connection.api()) {
                api.delete("/workloads/" + workload);
            } catch (IOException e) {
                note(System.err, "workload " + name + " was not removed: " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void note(PrintStream out, String sentence) {
        out.println("flotilla: " + sentence);
    }
}
