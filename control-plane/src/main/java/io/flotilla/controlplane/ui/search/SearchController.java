package io.flotilla.controlplane.ui.search;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.identity.Teams;
import io.flotilla.controlplane.node.NodeService;
import io.flotilla.controlplane.ui.image.ImageNames;
import io.flotilla.controlplane.ui.page.Frame;
import io.flotilla.controlplane.ui.page.FrameSource;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.search.SearchPage.Group;
import io.flotilla.controlplane.ui.search.SearchPage.Hit;
import io.flotilla.controlplane.ui.words.Statuses;
import io.flotilla.controlplane.workload.WorkloadService;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ServerWebExchange;

/** Search over the names of everything. */
@Controller
class SearchController {

    private final WorkloadService workloads;
    private final NodeService nodes;
    private final Teams teams;
    private final ImageNames images;
    private final FrameSource frames;

    SearchController(WorkloadService workloads, NodeService nodes, Teams teams, ImageNames images, FrameSource frames) {
        this.workloads = workloads;
        this.nodes = nodes;
        this.teams = teams;
        this.images = images;
        this.frames = frames;
    }

    @GetMapping("/search")
    Page search(Actor actor, @RequestParam(defaultValue = "") String q, ServerWebExchange exchange) {
        String word = q.strip().toLowerCase(Locale.ROOT);
        List<Group> groups = word.isEmpty() ? List.of() : groups(actor, word, frames.of(exchange));
        return Page.of("search").with("search", q).with("found", new SearchPage(q, groups));
    }

    private List<Group> groups(Actor actor, String word, Frame frame) {
        List<Group> groups = new ArrayList<>();
        add(
                groups,
                "Workloads",
                workloads.list(actor, null, null, Page.MOST).stream()
                        .filter(workload -> workload.name().contains(word)
                                || workload.spec().image().familiar().contains(word))
                        .map(workload -> new Hit(
                                "/workloads/" + workload.id(),
                                Statuses.of(workload.status()).mark(),
                                workload.name(),
                                workload.team() + ", " + workload.running() + " of " + workload.replicas()))
                        .toList());
        add(
                groups,
                "Nodes",
                nodes.list().stream()
                        .filter(node -> node.name().contains(word))
                        .map(node -> new Hit(
                                "/nodes/" + node.id(),
                                Statuses.of(node).mark(),
                                node.name(),
                                Statuses.of(node).word()))
                        .toList());
        add(
                groups,
                "Teams",
                teams.list(actor).stream()
                        .filter(team -> team.name().contains(word))
                        .map(team -> new Hit("/workloads?team=" + team.name(), "info", team.name(), ""))
                        .toList());
        add(
                groups,
                "Images",
                images.known(actor).stream()
                        .filter(image -> image.contains(word))
                        .map(image -> new Hit("/images", "info", image, ""))
                        .toList());
        add(
                groups,
                "Pages",
                frame.navigation().stream()
                        .flatMap(List::stream)
                        .filter(entry -> entry.name().toLowerCase(Locale.ROOT).contains(word))
                        .map(entry -> new Hit(entry.href(), "info", entry.name(), "g " + entry.key()))
                        .toList());
        return groups;
    }

    private static void add(List<Group> groups, String title, List<Hit> hits) {
        if (!hits.isEmpty()) {
            groups.add(new Group(title, hits));
        }
    }
}
