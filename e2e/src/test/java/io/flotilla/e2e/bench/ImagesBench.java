package io.flotilla.e2e.bench;

import io.flotilla.e2e.Api;
import io.flotilla.e2e.Await;
import io.flotilla.e2e.Flotilla;
import io.flotilla.e2e.Registry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code e2e/bench images}: how long a large image takes from a registry on this machine until it could be run, by an agent
 * with nothing of it, by docker and by skopeo with umoci, in turns; and how much memory the agent had at most.
 */
final class ImagesBench {

    private static final int RUNS = 3;
    private static final int MIB = 1024;
    private static final int LAYERS = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Set<String> FINAL = Set.of("completed", "failed", "lost");

    private final Flotilla flotilla;
    private final Api api;
    private int runs;

    private ImagesBench(Flotilla flotilla) {
        this.flotilla = flotilla;
        this.api = flotilla.admin();
    }

    /** Arguments: the directory with the C sources, then {@code --json}, {@code --runs=N}, {@code --mib=N}, {@code --ours}. */
    public static void main(String[] arguments) throws Exception {
        List<String> options = List.of(arguments).subList(1, arguments.length);
        int mib = Figures.number(options, "--mib=", MIB);
        try (var bench = new Workbench(Path.of(arguments[0]));
                var registry = Registry.start();
                var flotilla = Flotilla.up()) {
            LargeImage.push(bench, registry, mib / LAYERS, LAYERS);
            var images = new ImagesBench(flotilla);
            List<Candidate> candidates = new ArrayList<>();
            candidates.add(Candidate.of("agent, gzip", () -> images.pull(registry.name("large:gzip"))));
            candidates.add(Candidate.of("agent, zstd", () -> images.pull(registry.name("large:zstd"))));
            if (!options.contains("--ours")) {
                candidates.addAll(ImagePeers.all(bench, registry.name("large:gzip")));
            }
            try {
                Figures.print(Figures.measure(candidates, 1, Figures.runs(options, RUNS)), options);
            } finally {
                for (Candidate candidate : candidates) {
                    candidate.close();
                }
            }
            Amounts.print(
                    List.of(new Amounts.Line("most memory that the agent ever had (VmHWM)", images.mostMemory(), "MB")),
                    options);
        }
    }

    /** A job that ends at once: from the request to its end, which is the pull and a few milliseconds. */
    private long pull(String image) throws IOException {
        Workbench.output("sync");
        long start = System.nanoTime();
        String workload = api.post(
                        "/api/v1/workloads",
                        Map.of(
                                "name",
                                "pull-" + ++runs,
                                "kind",
                                "job",
                                "image",
                                image,
                                "command",
                                List.of("/bin/true"),
                                "resources",
                                Map.of("cpu", 0.01, "memory", "16Mi")))
                .expect(201)
                .path("id")
                .asString();
        Await.until("the job's end", PATIENCE, () -> FINAL.contains(status(workload)));
        long nanos = System.nanoTime() - start;
        if (!status(workload).equals("completed")) {
            throw new IOException("the job did not succeed: " + api.items("/api/v1/allocations?workload=" + workload));
        }
        forget(workload);
        return nanos / 1000;
    }

    private String status(String workload) {
        return api.items("/api/v1/allocations?workload=" + workload).stream()
                .map(each -> each.path("status").asString())
                .findFirst()
                .orElse("");
    }

    private void forget(String workload) {
        api.delete("/api/v1/workloads/" + workload).expect(204);
        String node = api.items("/api/v1/nodes").getFirst().path("id").asString();
        Await.until(
                "the image to go",
                PATIENCE,
                () -> api.post("/api/v1/nodes/" + node + "/images/clean", Map.of())
                        .expect(200)
                        .path("images")
                        .isEmpty());
    }

    private double mostMemory() throws IOException {
        String agent = Files.readString(flotilla.data().resolve("agent/pid")).strip();
        return Files.readAllLines(Path.of("/proc", agent, "status")).stream()
                        .filter(line -> line.startsWith("VmHWM:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                        .findFirst()
                        .orElseThrow()
                / 1000.0;
    }
}
