package io.flotilla.controlplane.workload;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.reconcile.Reconciler;
import io.flotilla.controlplane.schedule.HostPort;
import io.flotilla.controlplane.schedule.Needs;
import io.flotilla.controlplane.schedule.Preview;
import io.flotilla.controlplane.schedule.Size;
import io.flotilla.controlplane.schedule.WorkloadState;
import io.flotilla.controlplane.schedule.WorkloadState.Wanted;
import io.flotilla.controlplane.workload.Drafts.Draft;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Shows what a launch would do: which node and why, what is left of the quota, what would be made. */
@Service
public class Launches {

    private final Drafts drafts;
    private final WorkloadStore store;
    private final Quotas quotas;
    private final Reconciler reconciler;

    Launches(Drafts drafts, WorkloadStore store, Quotas quotas, Reconciler reconciler) {
        this.drafts = drafts;
        this.store = store;
        this.quotas = quotas;
        this.reconciler = reconciler;
    }

    /**
     * @param of the workload that the request would change; null if it would create one
     * @throws ProblemException if the request itself is not in order; what the cluster says is part of the answer
     */
    public LaunchPreview preview(Actor actor, WorkloadRequest request, @Nullable UUID of) {
        return preview(List.of(drafts.of(actor, request)), of).workloads().getFirst();
    }

    /** @throws ProblemException as {@link WorkloadService#createAll} would, as far as that can be known from the requests */
    public BatchPreview preview(Actor actor, @Nullable List<@Nullable WorkloadRequest> requests) {
        return preview(drafts.of(actor, requests), null);
    }

    private BatchPreview preview(List<Draft> all, @Nullable UUID of) {
        UUID team = all.getFirst().team();
        List<List<Preview>> placed =
                reconciler.preview(all.stream().map(Launches::state).toList());
        WorkloadStore.Usage wanted = store.usage(team, of);
        for (Draft draft : all) {
            wanted = wanted.plus(usage(draft));
        }
        List<LaunchPreview.QuotaRow> quota = quotas.preview(team, wanted);
        String exceeded = quotas.refusal(team, wanted);
        List<LaunchPreview> previews = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            Draft draft = all.get(i);
            boolean taken = store.nameTaken(team, draft.name(), of);
            previews.add(new LaunchPreview(
                    draft.name(),
                    draft.teamName(),
                    draft.spec(),
                    draft.spec().digest(),
                    placed.get(i),
                    quota,
                    taken ? "The name \"" + draft.name() + "\" is taken by another workload of this team" : exceeded));
        }
        String refusal = previews.stream()
                .map(LaunchPreview::refusal)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        return new BatchPreview(previews, quota, refusal);
    }

    private static WorkloadStore.Usage usage(Draft draft) {
        Resources each = draft.spec().resources();
        long count = draft.checked().replicas();
        return new WorkloadStore.Usage(
                each.cpuMillis() * count,
                each.memoryBytes() * count,
                count,
                draft.spec().ports().size() * count);
    }

    private static WorkloadState state(Draft draft) {
        RevisionSpec spec = draft.spec();
        List<HostPort> fixed = new ArrayList<>();
        for (PortMapping port : spec.ports()) {
            Integer host = port.host();
            if (host != null) {
                fixed.add(new HostPort(host, port.protocol()));
            }
        }
        Size size = new Size(spec.resources().cpuMillis(), spec.resources().memoryBytes());
        return new WorkloadState(
                new UUID(0, 0),
                draft.name(),
                Wanted.RUNNING,
                draft.checked().replicas(),
                1,
                1,
                spec.singleton(),
                spec.restart(),
                new Needs(size, fixed, spec.constraints(), spec.architectures()));
    }
}
