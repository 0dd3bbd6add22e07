package io.flotilla.controlplane.ui.fleet;

import io.flotilla.controlplane.node.NodeEvent;
import io.flotilla.controlplane.ui.part.EventLine;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Units;
import java.util.ArrayList;
import java.util.List;

/** A node's events as lines: the newest connect or disconnect of a series stands for those right before it. */
final class NodeTimeline {

    private NodeTimeline() {}

    /** Both with the newest first. */
    static List<EventLine> lines(List<NodeEvent> events) {
        List<EventLine> lines = new ArrayList<>();
        int at = 0;
        while (at < events.size()) {
            int end = at + 1;
            while (end < events.size() && comesOrGoes(events.get(at)) && comesOrGoes(events.get(end))) {
                end++;
            }
            lines.add(line(events.get(at)));
            if (end - at == 2) {
                lines.add(line(events.get(at + 1)));
            } else if (end - at > 2) {
                lines.add(folded(events.subList(at + 1, end)));
            }
            at = end;
        }
        return lines;
    }

    private static boolean comesOrGoes(NodeEvent event) {
        return event.kind().equals("connected") || event.kind().equals("disconnected");
    }

    private static EventLine folded(List<NodeEvent> earlier) {
        NodeEvent newest = earlier.getFirst();
        String text = new Units().count(earlier.size()) + " earlier connects and disconnects";
        return EventLine.of(newest.at(), "info", text, "The last of them: " + newest.detail() + ".");
    }

    private static EventLine line(NodeEvent event) {
        String status = switch (event.kind()) {
            case "enrolled", "connected", "back" -> "online";
            case "disconnected" -> "stale";
            case "lost" -> "lost";
            case "cordoned" -> "cordoned";
            case "draining", "drained" -> "draining";
            case "revoked", "fenced" -> "revoked";
            default -> "info";
        };
        String word = Character.toUpperCase(event.kind().charAt(0))
                + event.kind().substring(1).replace('-', ' ');
        return EventLine.of(event.at(), status, word, event.detail().isBlank() ? null : Sentences.of(event.detail()));
    }
}
