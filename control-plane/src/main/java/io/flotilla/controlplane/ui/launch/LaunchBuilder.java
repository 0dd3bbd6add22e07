package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.identity.Team;
import io.flotilla.controlplane.identity.Teams;
import io.flotilla.controlplane.node.NodeService;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.schedule.Preview;
import io.flotilla.controlplane.schedule.Verdict;
import io.flotilla.controlplane.settings.Settings;
import io.flotilla.controlplane.ui.image.ImageNames;
import io.flotilla.controlplane.ui.launch.LaunchPage.Fact;
import io.flotilla.controlplane.ui.launch.LaunchPage.ImageNote;
import io.flotilla.controlplane.ui.launch.LaunchPage.Plan;
import io.flotilla.controlplane.ui.part.Gauge;
import io.flotilla.controlplane.ui.part.QuotaLine;
import io.flotilla.controlplane.ui.part.SpecFacts;
import io.flotilla.controlplane.ui.words.CommandLine;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.controlplane.workload.LaunchPreview;
import io.flotilla.controlplane.workload.Launches;
import io.flotilla.controlplane.workload.RevisionSpec;
import io.flotilla.controlplane.workload.WorkloadRequest;
import io.flotilla.controlplane.workload.WorkloadService;
import io.flotilla.controlplane.workload.WorkloadView;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.PortMapping;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes the plan beside the launch form. Blocking; changes nothing. */
@Component
class LaunchBuilder {

    private static final Units UNITS = new Units();

    private final WorkloadService workloads;
    private final NodeService nodes;
    private final Teams teams;
    private final ImageNames images;
    private final Launches launches;
    private final Settings settings;

    LaunchBuilder(
            WorkloadService workloads,
            NodeService nodes,
            Teams teams,
            ImageNames images,
            Launches launches,
            Settings settings) {
        this.settings = settings;
        this.launches = launches;
        this.workloads = workloads;
        this.nodes = nodes;
        this.teams = teams;
        this.images = images;
    }

    /** @param of the workload that is changed, null for a new one */
    LaunchPage build(Actor actor, LaunchForm form, @Nullable UUID of) {
        List<String> own = teams.list(actor).stream()
                .filter(team -> actor.mayChange(team.id()))
                .map(Team::name)
                .toList();
        RevisionSpec base = of == null ? null : workloads.get(actor, of).spec();
        Plan plan;
        ImageNote note;
        Lines lines = new Lines("", "");
        try {
            WorkloadRequest request = Requests.of(named(form), base);
            lines = lines(request, of);
            LaunchPreview preview = launches.preview(actor, request, of);
            plan = plan(form, of, preview, lines);
            note = new ImageNote("pass", found(preview));
        } catch (ProblemException e) {
            plan = unplanned(form, of, e, lines);
            boolean image = e.fields().stream().anyMatch(field -> field.field().equals("image"));
            note = image
                    ? new ImageNote("warn", Sentences.of(Sentences.errors(e).getOrDefault("image", e.detail())))
                    : new ImageNote("info", "Short names follow Docker’s rules; flotilla/* is kept here.");
        }
        return new LaunchPage(form, own, images.known(actor), note, plan, of == null ? null : of.toString());
    }

    /** The same by command, which can only make new workloads, and by API. */
    private record Lines(String command, String call) {}

    private Lines lines(WorkloadRequest request, @Nullable UUID of) {
        return of == null
                ? new Lines(Commands.run(request), Commands.call("POST", settings.url(), "/api/v1/workloads", request))
                : new Lines("", Commands.call("PUT", settings.url(), "/api/v1/workloads/" + of, request));
    }

    /** The form of a workload as it is, to change it or to launch a copy. */
    static LaunchForm form(WorkloadView workload, boolean copy) {
        RevisionSpec spec = workload.spec();
        long memory = spec.resources().memoryBytes();
        boolean gib = memory % (1L << 30) == 0;
        boolean mib = memory % (1L << 20) == 0;
        long unit = gib ? 1L << 30 : mib ? 1L << 20 : 1;
        LaunchForm form = LaunchForm.empty()
                .with("image", spec.image().familiar())
                .with("name", copy ? workload.name() + "-2" : workload.name())
                .with("team", workload.team())
                .with("kind", workload.kind().word())
                .with("replicas", String.valueOf(workload.replicas()))
                .with("cpu", UNITS.cores(spec.resources().cpuMillis()))
                .with("memory", String.valueOf(memory / unit))
                .with("memoryUnit", gib ? "Gi" : mib ? "Mi" : "")
                .with("pids", String.valueOf(spec.resources().pids()))
                .with("command", spec.command() == null ? "" : CommandLine.line(spec.command()))
                .with("args", spec.args() == null ? "" : CommandLine.line(spec.args()))
                .with("restart", spec.restart().word())
                .with("labels", labels(spec))
                .with("singleton", spec.singleton())
                .with("userns", spec.userns() == AllocationSpec.Isolation.PRIVATE)
                .with("tty", spec.tty());
        for (PortMapping port : spec.ports()) {
            String host = port.host() == null ? "" : String.valueOf(port.host());
            form = form.withPort(
                    String.valueOf(port.container()), host, port.protocol().word());
        }
        for (String name : spec.env().keySet().stream().sorted().toList()) {
            form = form.withEnv(name, String.valueOf(spec.env().get(name)));
        }
        return special(form, spec);
    }

    private static LaunchForm special(LaunchForm form, RevisionSpec spec) {
        return form.with("user", orEmpty(spec.user()))
                .with("workingDir", orEmpty(spec.workingDir()))
                .with("hostName", orEmpty(spec.hostName()))
                .with("network", spec.network().name().toLowerCase(Locale.ROOT))
                .with("stopSignal", orEmpty(spec.stopSignal()))
                .with(
                        "stopSeconds",
                        BigDecimal.valueOf(spec.stopGraceMillis(), 3)
                                .stripTrailingZeros()
                                .toPlainString())
                .with("capAdd", String.join(" ", spec.capAdd()))
                .with("capDrop", String.join(" ", spec.capDrop()))
                .with("cpuShares", orEmpty(spec.resources().cpuShares()))
                .with("memoryReservation", orEmpty(spec.resources().memoryReservationBytes()))
                .with(
                        "swap",
                        spec.resources().swapBytes() == 0
                                ? ""
                                : String.valueOf(spec.resources().swapBytes()))
                .with("noArgs", List.of().equals(spec.args()))
                .with("stdin", spec.stdin())
                .with("readOnly", spec.readOnlyRootfs());
    }

    private static String labels(RevisionSpec spec) {
        return spec.constraints().entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .sorted()
                .collect(Collectors.joining(" "));
    }

    private static String orEmpty(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    /** A plan needs no name; the launch does. */
    private static LaunchForm named(LaunchForm form) {
        return form.name().isEmpty() ? form.with("name", "unnamed") : form;
    }

    private static String found(LaunchPreview preview) {
        String digest = preview.digest().toString();
        String platforms = preview.spec().architectures().stream().sorted().collect(Collectors.joining(", "));
        return "Found" + (platforms.isEmpty() ? "" : ", for " + platforms) + ". The revision will pin "
                + digest.substring(0, Math.min(19, digest.length())) + ".";
    }

    private Plan plan(LaunchForm form, @Nullable UUID of, LaunchPreview preview, Lines lines) {
        long placed = preview.replicas().stream()
                .filter(replica -> replica.nodeId() != null)
                .count();
        int all = preview.replicas().size();
        String refusal = preview.refusal();
        boolean fits = refusal == null && placed == all;
        long nodesUsed = preview.replicas().stream()
                .map(Preview::nodeId)
                .filter(Objects::nonNull)
                .distinct()
                .count();
        String title = refusal != null
                ? Sentences.of(refusal)
                : UNITS.count(placed, "replica fits", "replicas fit") + " on " + UNITS.count(nodesUsed, "node", "nodes")
                        + (placed == all ? "." : ", " + UNITS.count(all - placed, "waits", "wait") + ".");
        String text = fits
                ? "Nothing else moves or restarts."
                : refusal != null ? "It would be refused as it stands." : firstReason(preview);
        return new Plan(
                refusal != null ? "fail" : fits ? "pass" : "warn",
                title,
                text,
                chosen(preview),
                others(preview),
                preview.team(),
                quota(preview.quota()),
                creates(form, preview),
                lines.command(),
                lines.call(),
                button(form, of, all));
    }

    private static String firstReason(LaunchPreview preview) {
        return preview.replicas().stream()
                .filter(replica -> replica.nodeId() == null)
                .findFirst()
                .map(replica -> Sentences.of(replica.reason()))
                .orElse("");
    }

    private List<LaunchPage.Verdict> chosen(LaunchPreview preview) {
        Map<UUID, NodeView> known = nodes.list().stream().collect(Collectors.toMap(NodeView::id, Function.identity()));
        Map<UUID, List<Preview>> byNode = preview.replicas().stream()
                .filter(replica -> replica.nodeId() != null)
                .collect(Collectors.groupingBy(
                        replica -> Objects.requireNonNull(replica.nodeId()), LinkedHashMap::new, Collectors.toList()));
        List<LaunchPage.Verdict> chosen = new ArrayList<>();
        byNode.forEach((id, replicas) -> {
            NodeView node = known.get(id);
            long more = preview.spec().resources().memoryBytes() * replicas.size();
            Gauge memory = node == null
                    ? null
                    : Gauge.plain(
                            "Memory",
                            Gauge.Unit.BYTES,
                            node.capacity().memoryBytes(),
                            node.reserved().memoryBytes() + more,
                            node.reserved().memoryBytes());
            chosen.add(new LaunchPage.Verdict(
                    "pass",
                    node == null ? id.toString() : node.name(),
                    UNITS.count(replicas.size(), "replica", "replicas"),
                    why(replicas.getFirst()),
                    memory));
        });
        return chosen;
    }

    private static String why(Preview replica) {
        return Sentences.of(replica.verdicts().stream()
                .filter(Verdict::chosen)
                .map(Verdict::sentence)
                .findFirst()
                .orElse(replica.reason()));
    }

    private static List<LaunchPage.Verdict> others(LaunchPreview preview) {
        var taken = preview.replicas().stream().map(Preview::nodeId).collect(Collectors.toSet());
        Map<UUID, Verdict> last = new LinkedHashMap<>();
        preview.replicas()
                .forEach(replica -> replica.verdicts().forEach(verdict -> {
                    if (!taken.contains(verdict.nodeId())) {
                        last.put(verdict.nodeId(), verdict);
                    }
                }));
        return last.values().stream()
                .sorted(Comparator.comparing(Verdict::node))
                .map(verdict ->
                        new LaunchPage.Verdict("waiting", verdict.node(), null, Sentences.of(verdict.sentence()), null))
                .toList();
    }

    static List<QuotaLine> quota(List<LaunchPreview.QuotaRow> rows) {
        return rows.stream()
                .map(row -> switch (row.dimension()) {
                    case "cpu" -> new QuotaLine("CPU", Gauge.Unit.MILLI_CPU, row.used(), row.more(), row.limit());
                    case "memory" -> new QuotaLine("Memory", Gauge.Unit.BYTES, row.used(), row.more(), row.limit());
                    case "replicas" ->
                        new QuotaLine("Replicas", Gauge.Unit.PIECES, row.used(), row.more(), row.limit());
                    default -> new QuotaLine("Published ports", Gauge.Unit.PIECES, row.used(), row.more(), row.limit());
                })
                .toList();
    }

    private static List<Fact> creates(LaunchForm form, LaunchPreview preview) {
        var resources = preview.spec().resources();
        int replicas = preview.replicas().size();
        List<Fact> facts = new ArrayList<>();
        facts.add(
                new Fact("Workload", form.name().isEmpty() ? "not named yet" : form.name() + " of " + preview.team()));
        facts.add(new Fact(
                "Allocations",
                UNITS.count(replicas) + ", with " + UNITS.memory(resources.memoryBytes() * replicas) + " and "
                        + UNITS.cores(resources.cpuMillis() * replicas) + " CPU reserved"));
        if (!preview.spec().ports().isEmpty()) {
            facts.add(new Fact(
                    "Ports",
                    preview.spec().ports().stream().map(SpecFacts::port).collect(Collectors.joining(", "))));
        }
        facts.add(new Fact("Audit", "1 entry"));
        return facts;
    }

    private static Plan unplanned(LaunchForm form, @Nullable UUID of, ProblemException problem, Lines lines) {
        return new Plan(
                "fail",
                "There is no plan yet.",
                Sentences.of(problem.detail()),
                List.of(),
                List.of(),
                form.team(),
                List.of(),
                List.of(new Fact("Nothing", "until the form is right")),
                lines.command(),
                lines.call(),
                button(form, of, 0));
    }

    private static String button(LaunchForm form, @Nullable UUID of, int replicas) {
        if (of != null) {
            return "Make a new revision";
        }
        String many = form.kind().equals("job") ? "Run the job" : "Launch";
        return replicas == 0 ? many : "Launch " + UNITS.count(replicas, "replica", "replicas");
    }
}
