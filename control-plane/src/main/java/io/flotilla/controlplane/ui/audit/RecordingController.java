package io.flotilla.controlplane.ui.audit;

import io.flotilla.controlplane.identity.web.RequestAttributes;
import io.flotilla.controlplane.recording.Ending;
import io.flotilla.controlplane.recording.Proof;
import io.flotilla.controlplane.recording.Recording;
import io.flotilla.controlplane.recording.Recordings;
import io.flotilla.controlplane.ui.audit.AuditPage.Fact;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.words.Units;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.server.ServerWebExchange;

/** The replay of a recorded terminal, reached from its entry in the audit log. */
@Controller
class RecordingController {

    private static final Units UNITS = new Units();

    private final Recordings recordings;

    RecordingController(Recordings recordings) {
        this.recordings = recordings;
    }

    @GetMapping("/recordings/{id}")
    Page recording(@PathVariable UUID id, ServerWebExchange exchange) {
        Recording recording = recordings.get(id);
        return Page.of("recording")
                .with("nonce", RequestAttributes.styleNonce(exchange))
                .with("recording", page(recording, recordings.proof(recording)));
    }

    static RecordingPage page(Recording recording, Proof proof) {
        String flaw = recording.flaw();
        String lacking = flaw == null ? "" : " It lacks something: " + flaw + ".";
        return new RecordingPage(
                recording.id().toString(),
                recording.actor(),
                recording.allocation(),
                proof == Proof.WHOLE || proof == Proof.CHANGED,
                status(proof, flaw != null),
                title(proof),
                text(proof) + lacking,
                facts(recording));
    }

    private static String status(Proof proof, boolean flawed) {
        return switch (proof) {
            case WHOLE -> flawed ? "warn" : "verified";
            case CHANGED, MISSING -> "fail";
            case REMOVED, ELSEWHERE, ALIVE -> "info";
        };
    }

    private static String title(Proof proof) {
        return switch (proof) {
            case WHOLE -> "The file is as it was written";
            case CHANGED -> "The file is not as it was written";
            case MISSING -> "The file is gone";
            case REMOVED -> "The file was removed";
            case ELSEWHERE -> "Another control plane has the file";
            case ALIVE -> "The terminal is still open";
        };
    }

    private static String text(Proof proof) {
        return switch (proof) {
            case WHOLE -> "Its SHA-256 is the one that stands in the audit log.";
            case CHANGED -> "Its SHA-256 is not the one that stands in the audit log: do not trust what it shows.";
            case MISSING -> "Nothing in the audit log says that it was removed.";
            case REMOVED -> "It was too old, or there were too many; the audit log has the entry.";
            case ELSEWHERE -> "It can be replayed where it was recorded.";
            case ALIVE -> "It can be replayed when it has ended.";
        };
    }

    private static List<Fact> facts(Recording recording) {
        List<Fact> facts = new ArrayList<>();
        List<String> command = recording.command();
        facts.add(new Fact("Opened by", recording.actor() + ", " + recording.actorKind(), false));
        facts.add(new Fact("From", recording.source(), true));
        facts.add(new Fact("In", recording.allocation() + ", " + recording.allocationId(), false));
        String words = command == null
                ? "its own process"
                : command.isEmpty() ? "a shell that was found" : String.join(" ", command);
        facts.add(new Fact("Command", words, command != null && !command.isEmpty()));
        String runAs = recording.runAs();
        if (runAs != null) {
            facts.add(new Fact("User", runAs, true));
        }
        facts.add(new Fact("Start", recording.startedAt().toString(), true));
        Instant end = recording.endedAt();
        Ending ending = recording.ending();
        if (end != null && ending != null) {
            Duration took = Duration.between(recording.startedAt(), end);
            facts.add(new Fact("End", end + ", after " + UNITS.span(took), true));
            facts.add(new Fact("Why", why(ending), false));
            Integer code = recording.exitCode();
            facts.add(new Fact("Exit code", code == null ? "none" : code.toString(), true));
            facts.add(new Fact("Size", UNITS.size(recording.bytes()), false));
            String sha256 = recording.sha256();
            facts.add(new Fact("SHA-256", sha256 == null ? "no file" : sha256, true));
        }
        return facts;
    }

    private static String why(Ending ending) {
        return switch (ending) {
            case EXITED -> "the process ended";
            case LEFT -> "the page was closed";
            case ACCESS_ENDED -> "the account's access ended";
            case NODE_AWAY -> "the session with the node ended";
            case REFUSED -> "the node opened nothing";
            case INTERRUPTED -> "the control plane ended";
        };
    }
}
