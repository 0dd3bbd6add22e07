package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.OnDatabaseReady;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.id.Ids;
import io.flotilla.controlplane.problem.FieldError;
import io.flotilla.controlplane.problem.ProblemException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;

/** Teams, their members and quotas. */
@Service
@Order(1)
public class Teams implements TeamOf, OnDatabaseReady {

    /** Exists from the first start and cannot be deleted. */
    public static final String DEFAULT = "default";

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private final TeamStore store;
    private final UserStore users;
    private final TeamQuotas quotas;
    private final Transactions transactions;
    private final AuditLog audit;
    private final Ids ids;
    private final Clock clock;

    Teams(
            TeamStore store,
            UserStore users,
            TeamQuotas quotas,
            Transactions transactions,
            AuditLog audit,
            Ids ids,
            Clock clock) {
        this.store = store;
        this.users = users;
        this.quotas = quotas;
        this.transactions = transactions;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /** Makes team {@value #DEFAULT} at the first start. */
    @Override
    public void databaseReady() {
        if (store.findByName(DEFAULT).isEmpty()) {
            transactions.run(() -> {
                UUID id = ids.next();
                if (store.insert(id, DEFAULT, Quota.UNLIMITED, clock.instant())) {
                    audit.record(
                            Actor.system(),
                            "team.create",
                            Target.of("team", id, DEFAULT, id),
                            null,
                            store.find(id).orElseThrow());
                }
            });
        }
    }

    @Override
    public Resource resource() {
        return Resource.TEAM;
    }

    @Override
    public Optional<UUID> team(UUID id) {
        return store.find(id).map(Team::id);
    }

    /** The teams that the actor may see, by name. */
    public List<Team> list(Actor actor) {
        return store.all().stream().filter(team -> actor.maySee(team.id())).toList();
    }

    /** @throws ProblemException 404, also if the actor may not see it */
    public Team get(Actor actor, UUID id) {
        return store.find(id)
                .filter(team -> actor.maySee(team.id()))
                .orElseThrow(() -> ProblemException.notFound("team", id.toString()));
    }

    /** By name or id, as requests write it. @throws ProblemException 404, also if the actor may not see it */
    public Team named(Actor actor, String nameOrId) {
        return find(nameOrId)
                .filter(team -> actor.maySee(team.id()))
                .orElseThrow(() -> ProblemException.notFound("team", nameOrId));
    }

    private Optional<Team> find(String nameOrId) {
        Optional<Team> byName = store.findByName(nameOrId);
        return byName.isPresent() ? byName : uuid(nameOrId).flatMap(store::find);
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** @throws ProblemException naming the field */
    public Team create(Actor actor, TeamChange wanted) {
        String name = wanted.name();
        if (name == null || !NAME.matcher(name).matches()) {
            throw ProblemException.invalid(
                    "name", "must have 1 to 63 of a-z, 0-9 and hyphen, and begin and end with a-z or 0-9");
        }
        Quota quota = checked(wanted.quota() == null ? Quota.UNLIMITED : wanted.quota());
        UUID id = ids.next();
        return transactions.call(() -> {
            if (!store.insert(id, name, quota, clock.instant())) {
                throw ProblemException.conflict("name", "there is already a team \"" + name + "\"");
            }
            Team made = store.find(id).orElseThrow();
            audit.record(actor, "team.create", Target.of("team", id, name, id), null, made);
            return made;
        });
    }

    /** Sets the quota; it cannot go below what is reserved. */
    public Team update(Actor actor, UUID id, TeamChange wanted) {
        if (wanted.name() != null) {
            throw ProblemException.invalid("name", "cannot be changed");
        }
        Quota quota = wanted.quota();
        if (quota == null) {
            throw ProblemException.invalid("quota", "is required");
        }
        checked(quota);
        return transactions.call(() -> {
            Team before = quotas.lock(id);
            requireAbove(quota, before.reserved());
            store.setQuota(id, quota);
            Team after = store.find(id).orElseThrow();
            audit.record(actor, "team.update", Target.of("team", id, before.name(), id), before, after);
            return after;
        });
    }

    /** @throws ProblemException 409 while it owns something */
    public void delete(Actor actor, UUID id) {
        transactions.run(() -> {
            Team team = quotas.lock(id);
            if (team.name().equals(DEFAULT)) {
                throw ProblemException.conflict(null, "team \"" + DEFAULT + "\" always exists");
            }
            try {
                store.delete(id);
            } catch (DataIntegrityViolationException e) {
                throw ProblemException.conflict(
                        null, "team \"" + team.name() + "\" still owns workloads; delete them first");
            }
            audit.record(actor, "team.delete", Target.of("team", id, team.name(), id), team, null);
        });
    }

    /** No-op if the user is a member already. */
    public void addMember(Actor actor, UUID id, UUID user) {
        member(actor, id, user, "team.add-member", () -> store.addMember(id, user, clock.instant()));
    }

    /** No-op if the user is no member. */
    public void removeMember(Actor actor, UUID id, UUID user) {
        member(actor, id, user, "team.remove-member", () -> store.removeMember(id, user));
    }

    /** Adds a member within the running transaction, without an audit entry. */
    void join(String name, UUID user) {
        store.addMember(store.findByName(name).orElseThrow().id(), user, clock.instant());
    }

    private void member(Actor actor, UUID id, UUID user, String action, java.util.function.BooleanSupplier change) {
        transactions.run(() -> {
            Team before = quotas.lock(id);
            if (users.find(user).isEmpty()) {
                throw ProblemException.notFound("user", user.toString());
            }
            if (change.getAsBoolean()) {
                Team after = store.find(id).orElseThrow();
                audit.record(actor, action, Target.of("team", id, before.name(), id), before, after);
            }
        });
    }

    private static Quota checked(Quota quota) {
        List<FieldError> errors = new ArrayList<>();
        positive(errors, "quota.cpu", quota.cpuMillis());
        positive(errors, "quota.memory", quota.memoryBytes());
        positive(errors, "quota.replicas", quota.replicas());
        positive(errors, "quota.ports", quota.ports());
        if (!errors.isEmpty()) {
            throw ProblemException.invalid(errors);
        }
        return quota;
    }

    private static void positive(List<FieldError> errors, String field, @Nullable Long bound) {
        if (bound != null && bound < 0) {
            errors.add(new FieldError(field, "must not be negative"));
        }
    }

    private static void requireAbove(Quota quota, Usage reserved) {
        above("quota.cpu", quota.cpuMillis(), reserved.cpuMillis());
        above("quota.memory", quota.memoryBytes(), reserved.memoryBytes());
        above("quota.replicas", quota.replicas(), reserved.replicas());
        above("quota.ports", quota.ports(), reserved.ports());
    }

    private static void above(String field, @Nullable Long bound, long reserved) {
        if (bound != null && bound < reserved) {
            throw ProblemException.conflict(field, "is below the " + reserved + " that the team reserves now");
        }
    }
}
