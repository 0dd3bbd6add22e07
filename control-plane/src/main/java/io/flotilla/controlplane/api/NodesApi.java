package io.flotilla.controlplane.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.node.Enrolments;
import io.flotilla.controlplane.node.JoinToken;
import io.flotilla.controlplane.node.NodeEvent;
import io.flotilla.controlplane.node.NodeService;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.reconcile.Drains;
import io.flotilla.controlplane.report.Metrics;
import io.flotilla.controlplane.settings.Settings;
import io.flotilla.protocol.Enrolment;
import io.flotilla.protocol.Handshake;
import io.flotilla.protocol.NodeFacts;
import io.flotilla.protocol.NodeSample;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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

/** Nodes, and how hosts become nodes. */
@RestController
class NodesApi {

    private static final int EVENTS = 500;
    private static final int USUAL_MINUTES = 60;
    private static final Duration LONGEST = Duration.ofHours(6);

    /** A node as the API shows it; CPU in thousandths of a core, memory in bytes. */
    record NodeBody(
            UUID id,
            String name,
            String status,
            boolean cordoned,
            boolean draining,
            Map<String, String> labels,
            long cpuMillis,
            long memoryBytes,
            long reservedCpuMillis,
            long reservedMemoryBytes,
            int allocations,
            @Nullable Instant heardAt,
            @Nullable Long silentMillis,
            long generation,
            long acceptedGeneration,
            List<UUID> quarantined,
            NodeFacts facts,
            Instant createdAt) {

        static NodeBody of(NodeView view) {
            return new NodeBody(
                    view.id(),
                    view.name(),
                    view.status().word(),
                    view.cordoned(),
                    view.draining(),
                    view.labels(),
                    view.capacity().cpuMillis(),
                    view.capacity().memoryBytes(),
                    view.reserved().cpuMillis(),
                    view.reserved().memoryBytes(),
                    view.allocations(),
                    view.heardAt(),
                    view.silentMillis(),
                    view.generation(),
                    view.acceptedGeneration(),
                    view.quarantined(),
                    view.facts(),
                    view.createdAt());
        }
    }

    /** @param ttlMinutes from 1 to 60, which is also what null means */
    record JoinTokenRequest(@Nullable Integer ttlMinutes) {}

    /**
     * A new join token; the only answer that ever contains the secret.
     *
     * @param url where the host reaches this control plane
     * @param line what to type on the host
     */
    record IssuedBody(
            String token,
            String fingerprint,
            String url,
            String line,
            @JsonUnwrapped JoinToken details) {}

    private final NodeService nodes;
    private final Enrolments enrolments;
    private final Drains drains;
    private final Metrics metrics;
    private final Settings settings;
    private final Clock clock;

    NodesApi(NodeService nodes, Enrolments enrolments, Drains drains, Metrics metrics, Settings settings, Clock clock) {
        this.nodes = nodes;
        this.enrolments = enrolments;
        this.drains = drains;
        this.metrics = metrics;
        this.settings = settings;
        this.clock = clock;
    }

    @GetMapping("/api/v1/nodes")
    Items<NodeBody> list() {
        return Items.whole(nodes.list().stream().map(NodeBody::of).toList());
    }

    @GetMapping("/api/v1/nodes/{id}")
    NodeBody get(@PathVariable UUID id) {
        return NodeBody.of(nodes.get(id));
    }

    @DeleteMapping("/api/v1/nodes/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(Actor actor, @PathVariable UUID id) {
        nodes.revoke(actor, id);
    }

    @GetMapping("/api/v1/nodes/{id}/events")
    Items<NodeEvent> events(@PathVariable UUID id) {
        return Items.whole(nodes.events(nodes.get(id).id(), EVENTS));
    }

    /** One reading in fifteen seconds, at most six hours; of the node as a whole. */
    @GetMapping("/api/v1/nodes/{id}/samples")
    Items<NodeSample> samples(@PathVariable UUID id) {
        return Items.whole(metrics.history(id, clock.instant().minus(LONGEST)).stream()
                .map(each -> new NodeSample(
                        each.time(),
                        each.cpuUsedMillis(),
                        each.memoryUsedBytes(),
                        each.diskUsedBytes(),
                        each.diskTotalBytes(),
                        List.of()))
                .toList());
    }

    /** What draining would move where. */
    @GetMapping("/api/v1/nodes/{id}/drain")
    Items<Drains.Move> drainPreview(@PathVariable UUID id) {
        return Items.whole(drains.preview(id));
    }

    @PostMapping("/api/v1/nodes/{id}/drain")
    NodeBody drain(Actor actor, @PathVariable UUID id) {
        nodes.drain(actor, id);
        return get(id);
    }

    @PostMapping("/api/v1/nodes/{id}/cordon")
    NodeBody cordon(Actor actor, @PathVariable UUID id) {
        nodes.cordon(actor, id);
        return get(id);
    }

    @PostMapping("/api/v1/nodes/{id}/uncordon")
    NodeBody uncordon(Actor actor, @PathVariable UUID id) {
        nodes.uncordon(actor, id);
        return get(id);
    }

    @PostMapping("/api/v1/nodes/{id}/confirm-dead")
    NodeBody confirmDead(Actor actor, @PathVariable UUID id) {
        nodes.fence(actor, id);
        return get(id);
    }

    @PutMapping("/api/v1/nodes/{id}/labels")
    NodeBody label(Actor actor, @PathVariable UUID id, @RequestBody Map<String, String> labels) {
        nodes.label(actor, id, labels);
        return get(id);
    }

    @GetMapping("/api/v1/join-tokens")
    Items<JoinToken> joinTokens() {
        return Items.whole(enrolments.list());
    }

    @PostMapping("/api/v1/join-tokens")
    @ResponseStatus(HttpStatus.CREATED)
    IssuedBody issue(Actor actor, @RequestBody JoinTokenRequest body) {
        int minutes = body.ttlMinutes() == null ? USUAL_MINUTES : body.ttlMinutes();
        JoinToken.Issued issued = enrolments.issue(actor, Duration.ofMinutes(minutes));
        String url = settings.url();
        String line =
                "flotilla-agent join " + url + " --token " + issued.token() + " --fingerprint " + issued.fingerprint();
        return new IssuedBody(issued.token(), issued.fingerprint(), url, line, issued.details());
    }

    /** By the token in the body; the caller has no other credentials yet. */
    @PostMapping(Handshake.ENROLL_PATH)
    Enrolment.Answer enrol(Actor caller, @RequestBody Enrolment.Request body) {
        return enrolments.enrol(caller, body);
    }
}
