package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.identity.Team;
import io.flotilla.controlplane.identity.TeamChange;
import io.flotilla.controlplane.identity.Teams;
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
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Teams and their members. */
@RestController
class TeamsApi {

    /** A team as the API shows it. */
    record TeamBody(
            UUID id, String name, QuotaBody quota, QuotaBody reserved, List<String> members, Instant createdAt) {

        static TeamBody of(Team team) {
            return new TeamBody(
                    team.id(),
                    team.name(),
                    QuotaBody.of(team.quota()),
                    QuotaBody.of(team.reserved()),
                    team.members(),
                    team.createdAt());
        }
    }

    /** A team as requests write it. */
    record TeamRequest(@Nullable String name, @Nullable QuotaBody quota) {

        TeamChange change() {
            return new TeamChange(name, quota == null ? null : quota.quota());
        }
    }

    private final Teams teams;

    TeamsApi(Teams teams) {
        this.teams = teams;
    }

    @GetMapping("/api/v1/teams")
    Items<TeamBody> list(Actor actor) {
        return Items.whole(teams.list(actor).stream().map(TeamBody::of).toList());
    }

    @PostMapping("/api/v1/teams")
    @ResponseStatus(HttpStatus.CREATED)
    TeamBody create(Actor actor, @RequestBody TeamRequest body) {
        return TeamBody.of(teams.create(actor, body.change()));
    }

    @GetMapping("/api/v1/teams/{id}")
    TeamBody get(Actor actor, @PathVariable UUID id) {
        return TeamBody.of(teams.get(actor, id));
    }

    @PutMapping("/api/v1/teams/{id}")
    TeamBody update(Actor actor, @PathVariable UUID id, @RequestBody TeamRequest body) {
        return TeamBody.of(teams.update(actor, id, body.change()));
    }

    @DeleteMapping("/api/v1/teams/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(Actor actor, @PathVariable UUID id) {
        teams.delete(actor, id);
    }

    @PutMapping("/api/v1/teams/{id}/members/{user}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void addMember(Actor actor, @PathVariable UUID id, @PathVariable UUID user) {
        teams.addMember(actor, id, user);
    }

    @DeleteMapping("/api/v1/teams/{id}/members/{user}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void removeMember(Actor actor, @PathVariable UUID id, @PathVariable UUID user) {
        teams.removeMember(actor, id, user);
    }
}
