package io.flotilla.controlplane.ui.part;

import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.report.Metrics;
import io.flotilla.controlplane.report.Pulls;
import io.flotilla.controlplane.ui.part.Pull.Layer;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.controlplane.workload.WorkloadView;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.NodeSample;
import io.flotilla.protocol.PullProgress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What was measured, as gauges and charts. Blocking. */
@Component
public class Measures {

    private static final Units UNITS = new Units();
    private static final Duration RANGE = Duration.ofMinutes(30);
    private static final Duration STEP = Duration.ofSeconds(15);
    /** Two samples that are missed in a row are a gap. */
    private static final Duration GAP = STEP.multipliedBy(3);

    private static final double GIB = 1L << 30;

    private final Metrics metrics;
    private final Pulls pulls;
    private final Clock clock;

    Measures(Metrics metrics, Pulls pulls, Clock clock) {
        this.metrics = metrics;
        this.pulls = pulls;
        this.clock = clock;
    }

    public Gauge memory(NodeView node, List<AllocationView> placed) {
        List<Gauge.Block> blocks = placed.stream()
                .map(allocation -> new Gauge.Block(
                        allocation.workload() + " " + allocation.replica(),
                        allocation.size().memoryBytes(),
                        newest(allocation)
                                .map(NodeSample.Container::memoryWorkingBytes)
                                .orElse(null)))
                .toList();
        Long used = metrics.newest(node.id()).map(NodeSample::memoryUsedBytes).orElse(null);
        return new Gauge(
                "Memory",
                Gauge.Unit.BYTES,
                node.capacity().memoryBytes(),
                node.reserved().memoryBytes(),
                used,
                blocks);
    }

    public Gauge cpu(NodeView node, List<AllocationView> placed) {
        List<Gauge.Block> blocks = placed.stream()
                .map(allocation -> new Gauge.Block(
                        allocation.workload() + " " + allocation.replica(),
                        allocation.size().cpuMillis(),
                        newest(allocation)
                                .map(NodeSample.Container::cpuUsedMillis)
                                .orElse(null)))
                .toList();
        Long used = metrics.newest(node.id()).map(NodeSample::cpuUsedMillis).orElse(null);
        return new Gauge(
                "CPU",
                Gauge.Unit.MILLI_CPU,
                node.capacity().cpuMillis(),
                node.reserved().cpuMillis(),
                used,
                blocks);
    }

    @Nullable
    public String disk(UUID node) {
        return metrics.newest(node)
                .filter(sample -> sample.diskTotalBytes() > 0)
                .map(sample ->
                        Math.round(100.0 * (double) sample.diskUsedBytes() / (double) sample.diskTotalBytes()) + "%")
                .orElse(null);
    }

    @Nullable
    public String memoryText(AllocationView allocation) {
        return newest(allocation)
                .map(reading -> UNITS.memory(reading.memoryWorkingBytes()) + " of "
                        + UNITS.memory(allocation.size().memoryBytes()))
                .orElse(null);
    }

    @Nullable
    public String cpuText(AllocationView allocation) {
        return newest(allocation)
                .map(reading -> UNITS.cores(reading.cpuUsedMillis()))
                .orElse(null);
    }

    public List<Chart> charts(NodeView node) {
        Instant now = clock.instant();
        List<NodeSample> samples = metrics.history(node.id(), now.minus(RANGE));
        Chart cpu = chart("CPU", "cores", now)
                .line(samples, NodeSample::time, sample -> sample.cpuUsedMillis() / 1000.0)
                .limit(
                        node.capacity().cpuMillis() / 1000.0,
                        "for containers " + UNITS.cores(node.capacity().cpuMillis()));
        Chart memory = chart("Memory", "GiB", now)
                .line(samples, NodeSample::time, sample -> sample.memoryUsedBytes() / GIB)
                .limit(
                        node.capacity().memoryBytes() / GIB,
                        "for containers " + UNITS.gib(node.capacity().memoryBytes()));
        Chart disk = chart("Disk", "%", now)
                .line(
                        samples,
                        NodeSample::time,
                        sample -> sample.diskTotalBytes() == 0
                                ? 0
                                : 100.0 * (double) sample.diskUsedBytes() / (double) sample.diskTotalBytes());
        return List.of(cpu, memory, disk);
    }

    /** Sums over the replicas; marks exits and revisions. */
    public List<Chart> charts(WorkloadView workload, List<AllocationView> present, List<AllocationView> all) {
        Instant now = clock.instant();
        Map<Instant, double[]> sums = new TreeMap<>();
        for (AllocationView allocation : present) {
            UUID node = allocation.nodeId();
            if (node != null) {
                metrics.history(node, allocation.id(), now.minus(RANGE)).forEach(reading -> add(sums, reading));
            }
        }
        List<Map.Entry<Instant, double[]>> line = List.copyOf(sums.entrySet());
        long memoryLimit = workload.spec().resources().memoryBytes() * Math.max(1, workload.replicas());
        long cpuLimit = workload.spec().resources().cpuMillis() * Math.max(1, workload.replicas());
        boolean small = memoryLimit < 1L << 30;
        double unit = small ? 1L << 20 : GIB;
        Chart memory = chart("Memory", small ? "MiB" : "GiB", now)
                .line(line, Map.Entry::getKey, entry -> entry.getValue()[0] / unit)
                .limit(memoryLimit / unit, "limit");
        Chart cpu = chart("CPU", "cores", now)
                .line(line, Map.Entry::getKey, entry -> entry.getValue()[1])
                .limit(cpuLimit / 1000.0, "limit");
        Chart pressure =
                chart("Memory stalls", "% of time", now).line(line, Map.Entry::getKey, entry -> entry.getValue()[2]);
        Chart pids = chart("Processes", "", now).line(line, Map.Entry::getKey, entry -> entry.getValue()[3]);
        List<Chart> charts = List.of(memory, cpu, pressure, pids);
        all.stream()
                .filter(allocation -> allocation.status() == AllocStatus.FAILED)
                .map(allocation ->
                        new Chart.Event(allocation.statusAt(), "failed", "replica " + allocation.replica() + " failed"))
                .forEach(event -> charts.forEach(chart -> chart.event(event)));
        return charts;
    }

    public List<Pull> pulls(List<AllocationView> present) {
        List<Pull> under = new ArrayList<>();
        for (AllocationView allocation : present) {
            if (allocation.status() == AllocStatus.PULLING) {
                pulls.progress(allocation.id())
                        .map(progress -> pull(allocation, progress))
                        .ifPresent(under::add);
            }
        }
        under.sort(Comparator.comparing(Pull::title));
        return under;
    }

    private static Pull pull(AllocationView allocation, PullProgress progress) {
        long done = progress.layers().stream()
                .mapToLong(PullProgress.Layer::doneBytes)
                .sum();
        long total = progress.layers().stream()
                .mapToLong(PullProgress.Layer::totalBytes)
                .sum();
        return new Pull(
                String.valueOf(allocation.node()),
                allocation.workload() + " " + allocation.replica() + " pulls on " + allocation.node(),
                UNITS.size(done) + " of " + UNITS.size(total),
                layers(progress));
    }

    static List<Layer> layers(PullProgress progress) {
        return progress.layers().stream()
                .map(layer -> {
                    String hex = layer.digest().toString().replaceFirst("^[^:]*:", "");
                    String digest = hex.substring(0, Math.min(12, hex.length()));
                    return switch (layer.phase()) {
                        case WAITING ->
                            new Layer("waiting", digest, 0, layer.totalBytes(), UNITS.size(layer.totalBytes()));
                        case DOWNLOADING ->
                            new Layer(
                                    "working",
                                    digest,
                                    layer.doneBytes(),
                                    layer.totalBytes(),
                                    UNITS.size(layer.doneBytes()) + " of " + UNITS.size(layer.totalBytes()));
                        case UNPACKING ->
                            new Layer("working", digest, layer.totalBytes(), layer.totalBytes(), "unpacking");
                        case PRESENT ->
                            new Layer(
                                    "pass",
                                    digest,
                                    layer.totalBytes(),
                                    layer.totalBytes(),
                                    UNITS.size(layer.totalBytes()));
                    };
                })
                .toList();
    }

    private Optional<NodeSample.Container> newest(AllocationView allocation) {
        UUID node = allocation.nodeId();
        return node == null ? Optional.empty() : metrics.newest(node, allocation.id());
    }

    private Chart chart(String name, String unit, Instant now) {
        return new Chart(name, unit, now.minus(RANGE), now, GAP);
    }

    /** Nodes sample at moments of their own; sums are taken in steps. */
    private static void add(Map<Instant, double[]> sums, Metrics.Reading reading) {
        long step = STEP.toSeconds();
        Instant at = Instant.ofEpochSecond(reading.at().getEpochSecond() / step * step);
        double[] sum = sums.computeIfAbsent(at, absent -> new double[4]);
        NodeSample.Container container = reading.container();
        Double pressure = container.memoryPressure();
        sum[0] += container.memoryWorkingBytes();
        sum[1] += container.cpuUsedMillis() / 1000.0;
        sum[2] = Math.max(sum[2], pressure == null ? 0 : pressure);
        sum[3] += container.pids();
    }
}
