package io.flotilla.controlplane.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.workload.BatchPreview;
import io.flotilla.controlplane.workload.LaunchPreview;
import io.flotilla.controlplane.workload.Launches;
import io.flotilla.controlplane.workload.RevisionView;
import io.flotilla.controlplane.workload.WorkloadRequest;
import io.flotilla.controlplane.workload.WorkloadService;
import io.flotilla.controlplane.workload.WorkloadView;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Workloads and their revisions. */
@RestController
class WorkloadsApi {

    /** A workload as the API shows it. */
    record WorkloadBody(
            UUID id,
            String name,
            String team,
            String kind,
            String wanted,
            String status,
            int replicas,
            int running,
            @Nullable String reason,
            int revision,
            @JsonUnwrapped SpecBody spec,
            Instant createdAt,
            String createdBy,
            Instant changedAt) {

        static WorkloadBody of(WorkloadView view) {
            return new WorkloadBody(
                    view.id(),
                    view.name(),
                    view.team(),
                    view.kind().word(),
                    view.wanted().word(),
                    view.status().word(),
                    view.replicas(),
                    view.running(),
                    view.reason(),
                    view.revision(),
                    SpecBody.of(view.spec()),
                    view.createdAt(),
                    view.createdBy(),
                    view.changedAt());
        }
    }

    /** A revision as the API shows it. */
    record RevisionBody(int number, @JsonUnwrapped SpecBody spec, Instant createdAt, String createdBy) {

        static RevisionBody of(RevisionView view) {
            return new RevisionBody(view.number(), SpecBody.of(view.spec()), view.createdAt(), view.createdBy());
        }
    }

    /** Workloads for one change, all of one team. */
    record BatchRequest(@Nullable List<@Nullable WorkloadRequest> workloads) {}

    /** What a launch of several would do, with the quota for their sum. */
    record BatchPreviewBody(
            List<PreviewBody> workloads,
            List<LaunchPreview.QuotaRow> quota,
            @Nullable String refusal) {}

    /** How many shall run. */
    record ScaleRequest(@Nullable Integer replicas) {}

    /** What a launch would do. */
    record PreviewBody(
            String name,
            String team,
            String digest,
            List<ReplicaBody> replicas,
            List<LaunchPreview.QuotaRow> quota,
            @Nullable String refusal) {

        static PreviewBody of(LaunchPreview preview) {
            return new PreviewBody(
                    preview.name(),
                    preview.team(),
                    preview.digest().value(),
                    preview.replicas().stream()
                            .map(each -> new ReplicaBody(
                                    each.replica(),
                                    each.nodeId(),
                                    each.reason(),
                                    each.verdicts().stream()
                                            .map(VerdictBody::of)
                                            .toList()))
                            .toList(),
                    preview.quota(),
                    preview.refusal());
        }
    }

    /** Where one replica would go. */
    record ReplicaBody(int replica, @Nullable UUID node, String reason, List<VerdictBody> candidates) {}

    private final WorkloadService workloads;
    private final Launches launches;

    WorkloadsApi(WorkloadService workloads, Launches launches) {
        this.workloads = workloads;
        this.launches = launches;
    }

    @GetMapping("/api/v1/workloads")
    Items<WorkloadBody> list(
            Actor actor,
            @RequestParam(required = false) @Nullable String team,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(required = false) @Nullable Integer limit) {
        int most = Pages.limit(limit);
        return Pages.of(workloads.list(actor, team, after, most + 1), most, WorkloadView::id, WorkloadBody::of);
    }

    @PostMapping("/api/v1/workloads")
    @ResponseStatus(HttpStatus.CREATED)
    WorkloadBody create(Actor actor, @RequestBody WorkloadRequest body) {
        return WorkloadBody.of(workloads.create(actor, body));
    }

    /** @param of the workload that the body would change; without it, the body would create one */
    @PostMapping("/api/v1/workloads/preview")
    PreviewBody preview(
            Actor actor, @RequestParam(required = false) @Nullable UUID of, @RequestBody WorkloadRequest body) {
        return PreviewBody.of(launches.preview(actor, body, of));
    }

    /** All of them or none. */
    @PostMapping("/api/v1/workloads/batch")
    @ResponseStatus(HttpStatus.CREATED)
    Items<WorkloadBody> createAll(Actor actor, @RequestBody BatchRequest body) {
        return Items.whole(workloads.createAll(actor, body.workloads()).stream()
                .map(WorkloadBody::of)
                .toList());
    }

    @PostMapping("/api/v1/workloads/batch/preview")
    BatchPreviewBody previewAll(Actor actor, @RequestBody BatchRequest body) {
        BatchPreview preview = launches.preview(actor, body.workloads());
        return new BatchPreviewBody(
                preview.workloads().stream().map(PreviewBody::of).toList(), preview.quota(), preview.refusal());
    }

    @GetMapping("/api/v1/workloads/{id}")
    WorkloadBody get(Actor actor, @PathVariable UUID id) {
        return WorkloadBody.of(workloads.get(actor, id));
    }

    @PutMapping("/api/v1/workloads/{id}")
    WorkloadBody update(Actor actor, @PathVariable UUID id, @RequestBody WorkloadRequest body) {
        return WorkloadBody.of(workloads.update(actor, id, body));
    }

    @DeleteMapping("/api/v1/workloads/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(Actor actor, @PathVariable UUID id) {
        workloads.delete(actor, id);
    }

    @GetMapping("/api/v1/workloads/{id}/revisions")
    Items<RevisionBody> revisions(Actor actor, @PathVariable UUID id) {
        return Items.whole(
                workloads.revisions(actor, id).stream().map(RevisionBody::of).toList());
    }

    @PostMapping("/api/v1/workloads/{id}/scale")
    WorkloadBody scale(Actor actor, @PathVariable UUID id, @RequestBody ScaleRequest body) {
        Integer replicas = body.replicas();
        if (replicas == null) {
            throw ProblemException.invalid("replicas", "is required");
        }
        return WorkloadBody.of(workloads.scale(actor, id, replicas));
    }

    @PostMapping("/api/v1/workloads/{id}/stop")
    WorkloadBody stop(Actor actor, @PathVariable UUID id) {
        return WorkloadBody.of(workloads.stop(actor, id));
    }

    @PostMapping("/api/v1/workloads/{id}/start")
    WorkloadBody start(Actor actor, @PathVariable UUID id) {
        return WorkloadBody.of(workloads.start(actor, id));
    }

    @PostMapping("/api/v1/workloads/{id}/restart")
    WorkloadBody restart(Actor actor, @PathVariable UUID id) {
        return WorkloadBody.of(workloads.restart(actor, id));
    }
}
