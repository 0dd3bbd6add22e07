package io.flotilla.controlplane.alloc;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.identity.Resource;
import io.flotilla.controlplane.identity.TeamOf;
import io.flotilla.controlplane.problem.ProblemException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Reads allocations for those who may see them. */
@Service
public class Allocations implements TeamOf {

    private final AllocationStore store;

    Allocations(AllocationStore store) {
        this.store = store;
    }

    /**
     * In the order in which they were made.
     *
     * @param workload only its allocations; null: all
     * @param node only those placed there; null: all
     * @param after the last id of the page before; null: the first page
     */
    public List<AllocationView> list(
            Actor actor, @Nullable UUID workload, @Nullable UUID node, @Nullable UUID after, int limit) {
        return store.list(visibleTeams(actor), workload, node, after, limit);
    }

    /** @throws ProblemException if there is none, or none that the actor may see */
    public AllocationView get(Actor actor, UUID id) {
        return store.find(id)
                .filter(view -> actor.maySee(view.teamId()))
                .orElseThrow(() -> ProblemException.notFound("allocation", id.toString()));
    }

    /** What its nodes reported of a workload, the newest first. */
    public List<AllocationEvent> eventsOfWorkload(UUID workload, int limit) {
        return store.events(workload, null, limit);
    }

    /** What its node reported of an allocation, the newest first. */
    public List<AllocationEvent> events(UUID allocation, int limit) {
        return store.events(null, allocation, limit);
    }

    /** The teams whose things an actor sees; null for all. */
    public static @Nullable Set<UUID> visibleTeams(Actor actor) {
        if (actor.seesAllTeams()) {
            return null;
        }
        UUID only = actor.onlyTeam();
        if (only != null) {
            return actor.maySee(only) ? Set.of(only) : Set.of();
        }
        return actor.signedIn() ? actor.teams() : Set.of();
    }

    @Override
    public Resource resource() {
        return Resource.ALLOCATION;
    }

    @Override
    public Optional<UUID> team(UUID id) {
        return store.team(id);
    }
}
