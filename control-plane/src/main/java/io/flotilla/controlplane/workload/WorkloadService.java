package io.flotilla.controlplane.workload;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.NotificationStore;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.id.Ids;
import io.flotilla.controlplane.identity.Resource;
import io.flotilla.controlplane.identity.TeamOf;
import io.flotilla.controlplane.problem.Problem;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.reconcile.AfterSweep;
import io.flotilla.controlplane.reconcile.Reconciler;
import io.flotilla.controlplane.schedule.WorkloadState.Wanted;
import io.flotilla.controlplane.workload.Drafts.Draft;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * What people do to workloads. Every change is one transaction: team row locked, change written, quota checked, node rows
 * locked by id, replicas placed, audit entry last.
 */
@Service
public class WorkloadService implements TeamOf, AfterSweep {

    /**
     * Changes wait for each other at their team's row anyway; those that would only wait do it here, where they hold no
     * connection of the pool that sessions and pages need.
     */
    private final Semaphore turns = new Semaphore(6, true);

    private final WorkloadStore store;
    private final Drafts drafts;
    private final Quotas quotas;
    private final Reconciler reconciler;
    private final ImageResolver images;
    private final Transactions transactions;
    private final AuditLog audit;
    private final NotificationStore notifications;
    private final Ids ids;

    WorkloadService(
            WorkloadStore store,
            Drafts drafts,
            Quotas quotas,
            Reconciler reconciler,
            ImageResolver images,
            Transactions transactions,
            AuditLog audit,
            NotificationStore notifications,
            Ids ids) {
        this.store = store;
        this.drafts = drafts;
        this.quotas = quotas;
        this.reconciler = reconciler;
        this.images = images;
        this.transactions = transactions;
        this.audit = audit;
        this.notifications = notifications;
        this.ids = ids;
    }

    /** What the audit log keeps of a workload. */
    record State(String name, String team, Kind kind, Wanted wanted, int replicas, int revision, RevisionSpec spec) {

        static State of(WorkloadView view) {
            return new State(
                    view.name(),
                    view.team(),
                    view.kind(),
                    view.wanted(),
                    view.replicas(),
                    view.revision(),
                    view.spec());
        }
    }

    /** @throws ProblemException naming every field that is wrong, or the quota's dimension and what is left */
    public WorkloadView create(Actor actor, WorkloadRequest request) {
        Draft draft = drafts.of(actor, request);
        return inTurn(() -> {
            lockTeam(draft.team());
            if (store.nameTaken(draft.team(), draft.name())) {
                throw taken("name", draft.name());
            }
            UUID id = insert(actor, draft);
            quotas.reserve(draft.team());
            return placed(actor, id);
        });
    }

    /**
     * Makes all of them or none: one transaction, the quota checked for their sum, an audit entry for each.
     *
     * @return in the order of the requests
     * @throws ProblemException naming every field that is wrong, as in {@code workloads[2].name}
     */
    public List<WorkloadView> createAll(Actor actor, @Nullable List<@Nullable WorkloadRequest> requests) {
        List<Draft> all = drafts.of(actor, requests);
        UUID team = all.getFirst().team();
        return inTurn(() -> {
            lockTeam(team);
            requireFreeNames(team, all);
            List<UUID> made = all.stream().map(draft -> insert(actor, draft)).toList();
            try {
                quotas.reserve(team);
            } catch (ProblemException e) {
                throw e.problem() == Problem.QUOTA ? ProblemException.quota("workloads", e.detail()) : e;
            }
            return made.stream().map(id -> placed(actor, id)).toList();
        });
    }

    private void requireFreeNames(UUID team, List<Draft> all) {
        List<ProblemException> problems = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (store.nameTaken(team, all.get(i).name())) {
                problems.add(taken(WorkloadRequest.part(i) + ".name", all.get(i).name()));
            }
        }
        if (!problems.isEmpty()) {
            throw ProblemException.together(problems);
        }
    }

    private UUID insert(Actor actor, Draft draft) {
        UUID id = ids.next();
        RequestReader.Checked checked = draft.checked();
        store.insert(id, draft.team(), checked.name(), checked.kind(), checked.replicas(), actor.name());
        store.insertRevision(id, 1, draft.spec(), actor.name());
        return id;
    }

    private WorkloadView placed(Actor actor, UUID id) {
        reconciler.place(id, false);
        return done(actor, "workload.create", id, null);
    }

    private <T> T inTurn(Supplier<T> change) {
        turns.acquireUninterruptibly();
        try {
            return transactions.call(change);
        } finally {
            turns.release();
        }
    }

    private static ProblemException taken(String field, String name) {
        return ProblemException.conflict(field, "\"" + name + "\" is taken by another workload of this team");
    }

    private void lockTeam(UUID team) {
        if (store.lockTeam(team).isEmpty()) {
            throw ProblemException.notFound("team", team.toString());
        }
    }

    /**
     * Makes a new revision, if anything of the spec differs, and replaces the replicas one by one.
     *
     * @param request the whole spec; replicas left out stay as they are
     */
    public WorkloadView update(Actor actor, UUID id, WorkloadRequest request) {
        WorkloadView now = get(actor, id);
        unchangeable("name", request.name(), now.name());
        unchangeable("team", request.team(), now.team());
        unchangeable("kind", request.kind(), now.kind().word());
        RequestReader.Checked checked = new RequestReader(named(request, now)).read(now.replicas());
        RevisionSpec spec = checked.spec().apply(images.resolve(actor, checked.image()));
        return change(actor, id, "workload.update", false, before -> {
            boolean same = spec.equals(before.spec());
            int revision = same ? before.revision() : before.revision() + 1;
            if (!same) {
                store.insertRevision(id, revision, spec, actor.name());
            }
            int replicas = request.replicas() == null ? before.replicas() : checked.replicas();
            store.change(id, before.wanted(), replicas, revision, false, before.wanted() == Wanted.RUNNING);
        });
    }

    private static void unchangeable(String field, @Nullable String asked, String is) {
        if (asked != null && !asked.equals(is)) {
            throw ProblemException.invalid(field, "cannot be changed; it is \"" + is + "\"");
        }
    }

    private static WorkloadRequest named(WorkloadRequest r, WorkloadView now) {
        return new WorkloadRequest(
                now.name(),
                now.team(),
                now.kind().word(),
                r.image(),
                r.replicas(),
                r.resources(),
                r.ports(),
                r.command(),
                r.args(),
                r.env(),
                r.workingDir(),
                r.user(),
                r.hostName(),
                r.restart(),
                r.tty(),
                r.stdin(),
                r.singleton(),
                r.constraints(),
                r.stopSignal(),
                r.stopGraceMillis(),
                r.userns(),
                r.network(),
                r.readOnlyRootfs(),
                r.capAdd(),
                r.capDrop());
    }

    /** Changes how many shall run; makes no revision, since nothing that runs has to be replaced. */
    public WorkloadView scale(Actor actor, UUID id, int replicas) {
        if (replicas < 0 || replicas > RequestReader.MOST_REPLICAS) {
            throw ProblemException.invalid("replicas", replicas + " must be from 0 to " + RequestReader.MOST_REPLICAS);
        }
        return change(
                actor,
                id,
                "workload.scale",
                false,
                before -> store.change(
                        id, before.wanted(), replicas, before.revision(), false, before.wanted() == Wanted.RUNNING));
    }

    /** Stops every replica and keeps the spec. */
    public WorkloadView stop(Actor actor, UUID id) {
        return change(
                actor,
                id,
                "workload.stop",
                false,
                before -> store.change(id, Wanted.STOPPED, before.replicas(), before.revision(), false, false));
    }

    /** Runs it again, also replicas that ended by themselves. */
    public WorkloadView start(Actor actor, UUID id) {
        return change(
                actor,
                id,
                "workload.start",
                false,
                before -> store.change(id, Wanted.RUNNING, before.replicas(), before.revision(), true, true));
    }

    /** Restarts what runs where it runs, and runs again what has ended by itself. */
    public WorkloadView restart(Actor actor, UUID id) {
        return change(actor, id, "workload.restart", true, before -> {
            if (before.wanted() != Wanted.RUNNING) {
                throw ProblemException.conflict(null, "workload " + before.name() + " is stopped; start it instead");
            }
            store.change(id, Wanted.RUNNING, before.replicas(), before.revision(), true, true);
        });
    }

    /** Removes it with all its containers; those of nodes that are away go when the nodes come back. */
    public void delete(Actor actor, UUID id) {
        change(
                actor,
                id,
                "workload.delete",
                false,
                before -> store.change(id, Wanted.DELETED, before.replicas(), before.revision(), false, false));
    }

    private interface Change {
        void make(WorkloadView before);
    }

    private WorkloadView change(Actor actor, UUID id, String action, boolean restart, Change change) {
        UUID team = get(actor, id).teamId();
        return inTurn(() -> {
            lockTeam(team);
            WorkloadView before = store.find(id)
                    .filter(view -> view.wanted() != Wanted.DELETED)
                    .orElseThrow(() -> missing(id));
            actor.requireChange(team, before.team());
            change.make(before);
            quotas.reserve(team);
            reconciler.place(id, restart);
            return done(actor, action, id, before);
        });
    }

    private WorkloadView done(Actor actor, String action, UUID id, @Nullable WorkloadView before) {
        WorkloadView after = store.find(id).orElseThrow(() -> missing(id));
        notifications.send("workload", id.toString());
        audit.record(
                actor,
                action,
                Target.of("workload", id, after.name(), after.teamId()),
                before == null ? null : State.of(before),
                after.wanted() == Wanted.DELETED ? null : State.of(after));
        return after;
    }

    private static ProblemException missing(UUID id) {
        return ProblemException.notFound("workload", id.toString());
    }

    /**
     * In the order in which they were made.
     *
     * @param team only this team's, by name; null: all that the actor may see
     * @param after the last id of the page before; null: the first page
     */
    public List<WorkloadView> list(Actor actor, @Nullable String team, @Nullable UUID after, int limit) {
        UUID only = null;
        if (team != null) {
            Optional<UUID> found = store.teamByName(team).filter(actor::maySee);
            if (found.isEmpty()) {
                throw ProblemException.notFound("team", team);
            }
            only = found.get();
        }
        return store.list(Allocations.visibleTeams(actor), only, after, limit).stream()
                .map(view -> masked(actor, view))
                .toList();
    }

    /** @throws ProblemException if there is none, or none that the actor may see */
    public WorkloadView get(Actor actor, UUID id) {
        return store.find(id)
                .filter(view -> actor.maySee(view.teamId()))
                .map(view -> masked(actor, view))
                .orElseThrow(() -> missing(id));
    }

    /** The newest first. */
    public List<RevisionView> revisions(Actor actor, UUID id) {
        UUID team = get(actor, id).teamId();
        boolean open = actor.mayChange(team);
        return store.revisions(id).stream()
                .map(r -> open ? r : new RevisionView(r.number(), r.spec().masked(), r.createdAt(), r.createdBy()))
                .toList();
    }

    private static WorkloadView masked(Actor actor, WorkloadView v) {
        if (actor.mayChange(v.teamId())) {
            return v;
        }
        return new WorkloadView(
                v.id(),
                v.name(),
                v.teamId(),
                v.team(),
                v.kind(),
                v.wanted(),
                v.status(),
                v.replicas(),
                v.running(),
                v.reason(),
                v.revision(),
                v.spec().masked(),
                v.createdAt(),
                v.createdBy(),
                v.changedAt());
    }

    @Override
    public Resource resource() {
        return Resource.WORKLOAD;
    }

    @Override
    public Optional<UUID> team(UUID id) {
        return store.teamOf(id);
    }

    /** A job whose replicas have all ended gives its reservation back. */
    @Override
    public void afterSweep() {
        for (UUID job : reconciler.settledJobs()) {
            transactions.run(() -> store.teamOf(job).ifPresent(team -> {
                lockTeam(team);
                if (reconciler.settledJobs().contains(job)) {
                    store.settle(job);
                    quotas.reserve(team);
                }
            }));
        }
    }
}
