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
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Shows what a launch would do: which node and why, what is left of the quota, what would be made. */
@Service
public class Launches {

    private final WorkloadService workloads;
    private final WorkloadStore store;
    private final Quotas quotas;
    private final Reconciler reconciler;
    private final ImageResolver images;

    Launches(
            WorkloadService workloads,
            WorkloadStore store,
            Quotas quotas,
            Reconciler reconciler,
            ImageResolver images) {
        this.workloads = workloads;
        this.store = store;
        this.quotas = quotas;
        this.reconciler = reconciler;
        this.images = images;
    }

    /**
     * @param of the workload that the request would change; null if it would create one
     * @throws ProblemException if the request itself is not in order; what the cluster says is part of the answer
     */
    public LaunchPreview preview(Actor actor, WorkloadRequest request, @Nullable UUID of) {
        UUID team = workloads.teamFor(actor, request);
        RequestReader.Checked checked = new RequestReader(request).read(1);
        RevisionSpec spec = checked.spec().apply(images.resolve(actor, checked.image()));
        List<Preview> replicas = reconciler.preview(state(checked, spec));
        Resources each = spec.resources();
        long count = checked.replicas();
        WorkloadStore.Usage others = store.usage(team, of);
        WorkloadStore.Usage wanted = new WorkloadStore.Usage(
                others.cpuMillis() + each.cpuMillis() * count,
                others.memoryBytes() + each.memoryBytes() * count,
                others.replicas() + count,
                others.ports() + spec.ports().size() * count);
        boolean taken = store.nameTaken(team, checked.name(), of);
        return new LaunchPreview(
                checked.name(),
                request.team() == null ? "default" : request.team(),
                spec,
                spec.digest(),
                replicas,
                quotas.preview(team, wanted),
                taken
                        ? "The name \"" + checked.name() + "\" is taken by another workload of this team"
                        : quotas.refusal(team, wanted));
    }

    private static WorkloadState state(RequestReader.Checked checked, RevisionSpec spec) {
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
                checked.name(),
                Wanted.RUNNING,
                checked.replicas(),
                1,
                1,
                spec.singleton(),
                spec.restart(),
                new Needs(size, fixed, spec.constraints(), spec.architectures()));
    }
}
