package io.flotilla.controlplane.workload;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.problem.ProblemException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Checks requests for new workloads and looks up their teams and images, before anything is locked. */
@Component
class Drafts {

    static final int MOST = 100;

    /** A request that is in order. */
    record Draft(UUID team, String teamName, RequestReader.Checked checked, RevisionSpec spec) {

        String name() {
            return checked.name();
        }
    }

    private final WorkloadStore store;
    private final ImageResolver images;

    Drafts(WorkloadStore store, ImageResolver images) {
        this.store = store;
        this.images = images;
    }

    /** @throws ProblemException with every field that is wrong */
    Draft of(Actor actor, WorkloadRequest request) {
        String team = teamName(request);
        UUID teamId = store.teamByName(team)
                .orElseThrow(() -> ProblemException.invalid("team", "there is no team \"" + team + "\""));
        actor.requireChange(teamId, team);
        RequestReader.Checked checked = new RequestReader(request).read(1);
        return new Draft(teamId, team, checked, checked.spec().apply(images.resolve(actor, checked.image())));
    }

    /**
     * Several for one change, all of one team.
     *
     * @throws ProblemException with every field of every request that is wrong, as in {@code workloads[2].image}
     */
    List<Draft> of(Actor actor, @Nullable List<@Nullable WorkloadRequest> requests) {
        if (requests == null || requests.isEmpty() || requests.size() > MOST) {
            throw ProblemException.invalid("workloads", "must be a list of 1 to " + MOST + " workloads");
        }
        List<Draft> drafts = new ArrayList<>();
        List<ProblemException> problems = new ArrayList<>();
        Map<String, String> names = new HashMap<>();
        for (int i = 0; i < requests.size(); i++) {
            String part = WorkloadRequest.part(i);
            WorkloadRequest request = requests.get(i);
            if (request == null) {
                problems.add(ProblemException.invalid(part, "must be an object"));
                continue;
            }
            gather(problems, part, () -> requireFitting(names, part, request, requests.getFirst()));
            gather(problems, part, () -> drafts.add(of(actor, request)));
        }
        if (!problems.isEmpty()) {
            throw ProblemException.together(problems);
        }
        return drafts;
    }

    private static void requireFitting(
            Map<String, String> names, String part, WorkloadRequest request, @Nullable WorkloadRequest first) {
        String name = request.name();
        String other = name == null ? null : names.putIfAbsent(name, part);
        if (other != null) {
            throw ProblemException.invalid("name", "\"" + name + "\" is the name of " + other + ", too");
        }
        if (first != null && !teamName(request).equals(teamName(first))) {
            throw ProblemException.invalid(
                    "team",
                    "\"" + teamName(request) + "\" is not the team of " + WorkloadRequest.part(0) + ", \""
                            + teamName(first) + "\"; one change is made for one team");
        }
    }

    private static void gather(List<ProblemException> problems, String part, Runnable check) {
        try {
            check.run();
        } catch (ProblemException e) {
            problems.add(e.in(part));
        }
    }

    private static String teamName(WorkloadRequest request) {
        return request.team() == null ? "default" : request.team();
    }
}
