package io.flotilla.agent.cli;

import io.flotilla.agent.websocket.WebSocket;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private static final long GIVE_UP_AFTER_NANOS = 15_000_000_000L;

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

    @Option(names = "--job", description = "with -d: run to completion instead of being kept running")
    private boolean job;

    @Option(names = "--replicas", paramLabel = "COUNT", description = "with -d: how many (default: 1)")
    private @Nullable Integer replicas;

    @Option(
            names = "--restart",
            paramLabel = "POLICY",
            description = "with -d: always, on-failure or no (default: always, of a job: no)")
    private @Nullable String restart;

    @Option(names = "--singleton", description = "with -d: never two at once, not even while a node is silent")
    private boolean singleton;

    @Mixin
    private SpecOptions spec = new SpecOptions();

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
            JsonNode made;
            try {
                made = api.post("/workloads", body());
            } catch (ApiException e) {
                note(e.getMessage());
                return NOT_RUN;
            }
            String id = made.path("id").asString();
            if (detach) {
                if (made.path("status").asString().equals("pending")) {
                    note("pending" + reason(made));
                }
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

    Map<String, Object> body() {
        if (name == null) {
            name = "run-%08x".formatted(ThreadLocalRandom.current().nextInt());
        }
        if (!detach && (job || singleton || replicas != null || restart != null)) {
            throw new IllegalArgumentException("--job, --replicas, --restart and --singleton need -d");
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", name);
        body.put("kind", detach && !job ? "service" : "job");
        body.put("image", image);
        body.put("tty", tty);
        // Only the stream of a process is all that it wrote, byte for byte: its log is text, and makes room for itself.
        body.put("stdin", interactive || !detach);
        SpecOptions.put(body, "restart", detach ? policy() : "never");
        SpecOptions.put(body, "team", team);
        SpecOptions.put(body, "replicas", replicas);
        SpecOptions.put(body, "singleton", singleton ? true : null);
        spec.fill(body, command);
        return body;
    }

    /** Docker's words as well as the API's. */
    private @Nullable String policy() {
        return switch (restart) {
            case null -> null;
            case "no" -> "never";
            case "unless-stopped" -> "always";
            case String word -> word;
        };
    }

    private int follow(Api api, String workload) throws IOException, InterruptedException {
        JsonNode allocation = awaitStart(api, workload);
        if (allocation == null) {
            return NOT_RUN;
        }
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

    /** @return null if no node fits or it cannot be started there, which has been said then */
    private static @Nullable JsonNode awaitStart(Api api, String workload) throws IOException, InterruptedException {
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
                long waited = System.nanoTime() - begin;
                String why = status + reason(newest);
                if (status.equals("backoff")) { // which nothing is that has run, since it is never restarted
                    note("it could not be started" + reason(newest));
                    return null;
                }
                if (waited > SAY_WHY_AFTER_NANOS && !why.equals(said)) {
                    note(why);
                    said = why;
                }
                if (waited > SAY_WHY_AFTER_NANOS && status.equals("pending") && !mayFitSoon(api, waited)) {
                    return null;
                }
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /** A node that was just joined or is not heard for a moment is a reason to wait a little; one that is full is none. */
    private static boolean mayFitSoon(Api api, long waitedNanos) throws IOException, InterruptedException {
        if (waitedNanos > GIVE_UP_AFTER_NANOS) {
            return false;
        }
        Set<String> nodes = new HashSet<>();
        api.list("/nodes").forEach(node -> nodes.add(node.path("status").asString()));
        return nodes.contains("joining") || nodes.contains("stale") || !nodes.contains("online");
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
            note(allocation.path("status").asString() + reason(allocation));
            return NOT_RUN;
        }
        if (code.asInt() == 126 || code.asInt() == 127) {
            note(allocation.path("status").asString() + reason(allocation));
        }
        return code.asInt();
    }

    /** Also from the shutdown hook, so that Ctrl-C and a closed terminal leave nothing behind. */
    private void remove(String workload, AtomicBoolean removed) {
        if (removed.compareAndSet(false, true)) {
            try (Api api = connection.api()) {
                api.delete("/workloads/" + workload);
            } catch (IOException e) {
                note("workload " + name + " was not removed: " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void note(@Nullable String sentence) {
        System.err.println("flotilla: " + sentence);
    }
}
