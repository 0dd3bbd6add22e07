package io.flotilla.e2e.bench;

import io.flotilla.e2e.Api;
import io.flotilla.e2e.Await;
import io.flotilla.e2e.Flotilla;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * {@code e2e/bench agent}: what an agent costs with no, a few and many containers of the sample, and how soon the next one
 * has them again when it is killed.
 */
final class AgentBench {

    private static final int CONTAINERS = 50;
    private static final int FEW = 10;
    private static final int KILLS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Longer than memory that was needed for a moment is kept ({@code TrimNativeHeapInterval}). */
    private static final Duration SETTLE = Duration.ofSeconds(20);

    private static final Duration REST = Duration.ofSeconds(60);

    private final Flotilla flotilla;
    private final Api api;
    private final List<Amounts.Line> lines = new ArrayList<>();

    private AgentBench(Flotilla flotilla) {
        this.flotilla = flotilla;
        this.api = flotilla.admin();
    }

    /** Arguments: the directory with the C sources, then {@code --json}, {@code --containers=N}. */
    public static void main(String[] arguments) throws Exception {
        List<String> options = List.of(arguments).subList(1, arguments.length);
        int containers = Figures.number(options, "--containers=", CONTAINERS);
        try (var flotilla = Flotilla.up()) {
            var bench = new AgentBench(flotilla);
            bench.measure(containers);
            Amounts.print(bench.lines, options);
        }
    }

    private void measure(int containers) throws Exception {
        TimeUnit.MILLISECONDS.sleep(SETTLE.toMillis());
        add("memory of the agent (RSS), no containers", resident(agent()), "MB");
        String workload = api.post(
                        "/api/v1/workloads",
                        Map.of(
                                "name", "bench",
                                "kind", "service",
                                "image", "flotilla/sample:latest",
                                "replicas", Math.min(FEW, containers),
                                "resources", Map.of("cpu", 0.01, "memory", "16Mi")))
                .expect(201)
                .path("id")
                .asString();
        settle(workload, Math.min(FEW, containers));
        add("memory of the agent (RSS), " + Math.min(FEW, containers) + " containers", resident(agent()), "MB");
        api.post("/api/v1/workloads/" + workload + "/scale", Map.of("replicas", containers))
                .expect(200);
        settle(workload, containers);
        add("memory of the agent (RSS), " + containers + " containers", resident(agent()), "MB");
        List<Double> shims =
                shims().stream().map(AgentBench::proportional).sorted().toList();
        add("memory of a shim (PSS), median of " + shims.size(), shims.get(shims.size() / 2), "MB");
        add("CPU of the agent at rest, " + containers + " containers, % of a core", atRest(), "%");
        for (int kill = 1; kill <= KILLS; kill++) {
            add("from exec of the next agent to all adopted, session up", adoption(workload, containers), "ms");
        }
    }

    private void add(String name, double amount, String unit) {
        lines.add(new Amounts.Line(name, amount, unit));
    }

    private void settle(String workload, int containers) throws InterruptedException {
        Await.until(containers + " containers to run", PATIENCE, () -> running(workload) == containers);
        TimeUnit.MILLISECONDS.sleep(SETTLE.toMillis());
    }

    private long running(String workload) {
        return api.items("/api/v1/allocations?limit=1000&workload=" + workload).stream()
                .filter(each -> each.path("status").asString().equals("running"))
                .count();
    }

    private long agent() throws IOException {
        return Long.parseLong(
                Files.readString(flotilla.data().resolve("agent/pid")).strip());
    }

    private double atRest() throws Exception {
        long agent = agent();
        Duration before = cpu(agent);
        long start = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(REST.toMillis());
        long passed = System.nanoTime() - start;
        return 100.0 * cpu(agent).minus(before).toNanos() / passed;
    }

    private static Duration cpu(long process) {
        return ProcessHandle.of(process)
                .flatMap(handle -> handle.info().totalCpuDuration())
                .orElseThrow();
    }

    /** Kills the agent; {@code up} starts the next one. Fails if a single container is another one afterwards. */
    private double adoption(String workload, int containers) throws Exception {
        List<Long> shims = shims();
        Path log = flotilla.data().resolve("agent/agent.log");
        int sessions = said(log, "session with .* open").size();
        long killed = agent();
        ProcessHandle.of(killed).orElseThrow().destroyForcibly();
        Await.until(
                "the next session",
                PATIENCE,
                () -> said(log, "session with .* open").size() > sessions);
        Instant up = Instant.now();
        String found = said(log, "runs with .* containers found").getLast();
        if (!found.contains(" " + containers + " containers") || !shims.equals(shims())) {
            throw new AssertionError("not every container was adopted: " + found);
        }
        Instant exec = ProcessHandle.of(agent())
                .flatMap(next -> next.info().startInstant())
                .orElseThrow();
        settle(workload, containers);
        return Duration.between(exec, up).toMillis();
    }

    private static List<String> said(Path log, String sentence) throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.matches(".*" + sentence + ".*"))
                .toList();
    }

    /** The shims of this agent's slice, by process id. */
    private List<Long> shims() throws IOException {
        String slice = "flotilla-"
                + Files.readString(flotilla.data().resolve("agent/node8")).strip() + ".slice";
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(process -> text(process, "cmdline").startsWith("flotilla-shim")
                        && text(process, "cgroup").contains(slice))
                .sorted()
                .toList();
    }

    private static double resident(long process) {
        return megabytes(text(process, "status"), "VmRSS:").orElseThrow();
    }

    private static double proportional(long process) {
        return megabytes(text(process, "smaps_rollup"), "Pss:").orElseThrow();
    }

    private static Optional<Double> megabytes(String text, String field) {
        return text.lines()
                .filter(line -> line.startsWith(field))
                .map(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst();
    }

    /** A file of a process; empty if the process has ended meanwhile. */
    private static String text(long process, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process), file));
        } catch (IOException e) {
            return "";
        }
    }
}
