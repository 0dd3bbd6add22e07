package io.flotilla.controlplane.ui.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.node.NodeEvent;
import io.flotilla.controlplane.ui.part.EventLine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class NodeTimelineTest {

    private static final Instant NOW = Instant.parse("2026-11-23T14:32:07Z");

    @Test
    void aSeriesOfReconnectsIsTwoLines() {
        assertThat(texts("connected", "disconnected", "connected", "disconnected", "connected", "enrolled"))
                .containsExactly("Connected", "4 earlier connects and disconnects", "Enrolled");
    }

    @Test
    void aSeriesEndsAtAnythingElse() {
        assertThat(texts("disconnected", "connected", "back", "lost", "disconnected", "connected", "connected"))
                .containsExactly(
                        "Disconnected",
                        "Connected",
                        "Back",
                        "Lost",
                        "Disconnected",
                        "2 earlier connects and disconnects");
    }

    @Test
    void fewEventsStandAsTheyAre() {
        assertThat(texts("connected", "enrolled")).containsExactly("Connected", "Enrolled");
        assertThat(texts()).isEmpty();
    }

    private static List<String> texts(String... kinds) {
        List<NodeEvent> events = new ArrayList<>();
        for (String kind : kinds) {
            UUID id = new UUID(0, events.size());
            events.add(new NodeEvent(id, id, NOW.minusSeconds(events.size()), kind, "because"));
        }
        return NodeTimeline.lines(events).stream().map(EventLine::text).toList();
    }
}
