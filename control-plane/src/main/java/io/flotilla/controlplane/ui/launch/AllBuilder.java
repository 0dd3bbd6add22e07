package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.problem.FieldError;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.schedule.Preview;
import io.flotilla.controlplane.schedule.Verdict;
import io.flotilla.controlplane.settings.Settings;
import io.flotilla.controlplane.ui.launch.LaunchPage.Fact;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.controlplane.workload.BatchPreview;
import io.flotilla.controlplane.workload.LaunchPreview;
import io.flotilla.controlplane.workload.Launches;
import io.flotilla.controlplane.workload.WorkloadRequest;
import io.flotilla.protocol.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes the plan for all services of a Compose file. Blocking; changes nothing. */
@Component
class AllBuilder {

    private static final Units UNITS = new Units();

    private final Launches launches;
    private final Settings settings;

    AllBuilder(Launches launches, Settings settings) {
        this.launches = launches;
        this.settings = settings;
    }

    /**
     * The body of one launch of all.
     *
     * @throws ProblemException with everything that is wrong in the file, by workload and field
     */
    static List<WorkloadRequest> requests(ComposeFile file) {
        List<WorkloadRequest> requests = new ArrayList<>();
        List<ProblemException> problems = new ArrayList<>();
        List<ComposeFile.Service> services = file.usual();
        for (int i = 0; i < services.size(); i++) {
            ComposeFile.Service service = services.get(i);
            try {
                if (!service.wrong().isEmpty()) {
                    throw ProblemException.invalid(service.wrong());
                }
                requests.add(Requests.of(service.form(), null));
            } catch (ProblemException e) {
                problems.add(e.in(WorkloadRequest.part(i)));
            }
        }
        if (!problems.isEmpty()) {
            throw ProblemException.together(problems);
        }
        return requests;
    }

    /**
     * @param teams that the actor may launch for
     * @param refusal why these could not be launched; null if that was not tried
     */
    AllPage build(Actor actor, String text, String team, List<String> teams, @Nullable ProblemException refusal) {
        ComposeFile file = ComposeFile.read(text, team);
        List<WorkloadRequest> requests = List.of();
        ProblemException problem = refusal;
        BatchPreview preview = null;
        try {
            requests = requests(file);
            preview = launches.preview(actor, new ArrayList<>(requests));
        } catch (ProblemException e) {
            problem = problem == null ? e : problem;
        }
        List<String> left = new ArrayList<>(file.left());
        List<String> aside = new ArrayList<>();
        for (ComposeFile.Service service : file.services()) {
            if (!service.profiles().isEmpty()) {
                aside.add(service.name());
                left.add(service.name() + " is left out: it belongs to the profile "
                        + String.join(", ", service.profiles()) + ".");
            }
        }
        String call = requests.isEmpty()
                ? ""
                : Commands.call("POST", settings.url(), "/api/v1/workloads/batch", Map.of("workloads", requests));
        return new AllPage(
                text, team, teams, services(file, preview, problem), aside, left, plan(file, preview, problem, call));
    }

    private static List<AllPage.Service> services(
            ComposeFile file, @Nullable BatchPreview preview, @Nullable ProblemException problem) {
        List<AllPage.Service> services = new ArrayList<>();
        for (int i = 0; i < file.usual().size(); i++) {
            ComposeFile.Service service = file.usual().get(i);
            List<Fact> wrong = wrong(file.usual(), problem, WorkloadRequest.part(i) + ".");
            LaunchPreview planned = preview == null ? null : preview.workloads().get(i);
            boolean waits = planned != null && planned.replicas().stream().anyMatch(each -> each.nodeId() == null);
            services.add(new AllPage.Service(
                    !wrong.isEmpty() ? "fail" : planned == null ? "waiting" : waits ? "warn" : "pass",
                    service.name(),
                    service.form().name(),
                    service.form().image(),
                    planned == null ? "" : UNITS.count(planned.replicas().size(), "replica", "replicas"),
                    planned == null ? "" : where(planned.replicas()),
                    wrong,
                    service.left()));
        }
        return services;
    }

    /** What a problem says of one workload, by field; the others are called by their names in the file. */
    private static List<Fact> wrong(
            List<ComposeFile.Service> services, @Nullable ProblemException problem, String prefix) {
        List<Fact> wrong = new ArrayList<>();
        for (FieldError error : problem == null ? List.<FieldError>of() : problem.fields()) {
            if (error.field().startsWith(prefix)) {
                String detail = error.detail();
                for (int i = 0; i < services.size(); i++) {
                    detail = detail.replace(
                            WorkloadRequest.part(i), services.get(i).name());
                }
                wrong.add(new Fact(error.field().substring(prefix.length()), Sentences.of(detail)));
            }
        }
        return wrong;
    }

    /** As in "2 on keel, 1 on mast", and the reason of the first that fits nowhere. */
    private static String where(List<Preview> replicas) {
        Map<String, Long> byNode = replicas.stream()
                .flatMap(replica -> replica.verdicts().stream())
                .filter(Verdict::chosen)
                .collect(Collectors.groupingBy(Verdict::node, TreeMap::new, Collectors.counting()));
        String placed = byNode.entrySet().stream()
                .map(node -> replicas.size() == 1 ? "On " + node.getKey() : node.getValue() + " on " + node.getKey())
                .collect(Collectors.joining(", "));
        String reason = replicas.stream()
                .filter(replica -> replica.nodeId() == null)
                .findFirst()
                .map(Preview::reason)
                .orElse("");
        return (Sentences.of(placed) + " " + Sentences.of(reason)).strip();
    }

    private static AllPage.Plan plan(
            ComposeFile file, @Nullable BatchPreview preview, @Nullable ProblemException problem, String call) {
        int count = file.usual().size();
        String button = "Launch " + UNITS.count(count, "workload", "workloads");
        if (preview == null) {
            String why = problem == null ? "" : whole(problem);
            return new AllPage.Plan("fail", "There is no plan yet.", why, List.of(), nothing(), call, button);
        }
        List<Preview> replicas = preview.workloads().stream()
                .flatMap(each -> each.replicas().stream())
                .toList();
        long waiting = replicas.stream().filter(each -> each.nodeId() == null).count();
        String refusal = problem == null ? preview.refusal() : whole(problem);
        String fits = UNITS.count(replicas.size() - waiting, "replica fits", "replicas fit")
                + (waiting == 0 ? "." : ", " + UNITS.count(waiting, "waits", "wait") + ".");
        return new AllPage.Plan(
                refusal != null ? "fail" : waiting == 0 ? "pass" : "warn",
                refusal != null ? Sentences.of(refusal) : fits,
                refusal != null ? "Nothing would be launched as it stands." : "All are launched, or none.",
                LaunchBuilder.quota(preview.quota()),
                creates(preview),
                call,
                button);
    }

    /** What is wrong with single services stands at them. */
    private static String whole(ProblemException problem) {
        List<FieldError> whole = problem.fields().stream()
                .filter(error -> !error.field().contains("["))
                .toList();
        if (!whole.isEmpty()) {
            return Sentences.of(whole.getFirst().detail());
        }
        return problem.fields().isEmpty()
                ? Sentences.of(problem.detail())
                : UNITS.count(problem.fields().size(), "field needs", "fields need") + " a change.";
    }

    private static List<Fact> nothing() {
        return List.of(new Fact("Nothing", "until the file is right"));
    }

    private static List<Fact> creates(BatchPreview preview) {
        long memory = 0;
        long cpu = 0;
        int replicas = 0;
        for (LaunchPreview each : preview.workloads()) {
            Resources resources = each.spec().resources();
            memory += resources.memoryBytes() * each.replicas().size();
            cpu += resources.cpuMillis() * each.replicas().size();
            replicas += each.replicas().size();
        }
        String names = preview.workloads().stream().map(LaunchPreview::name).collect(Collectors.joining(", "));
        return List.of(
                new Fact(
                        "Workloads",
                        names + " of "
                                + Objects.requireNonNull(preview.workloads().getFirst())
                                        .team()),
                new Fact(
                        "Allocations",
                        UNITS.count(replicas) + ", with " + UNITS.memory(memory) + " and " + UNITS.cores(cpu)
                                + " CPU reserved"),
                new Fact("Audit", UNITS.count(preview.workloads().size(), "entry", "entries")));
    }
}
