package io.flotilla.controlplane.ui.audit;

import io.flotilla.controlplane.audit.AuditEntry;
import io.flotilla.controlplane.audit.AuditReview;
import io.flotilla.controlplane.audit.Finding;
import io.flotilla.controlplane.audit.Verdict;
import io.flotilla.controlplane.ui.audit.AuditPage.Chain;
import io.flotilla.controlplane.ui.audit.AuditPage.Chip;
import io.flotilla.controlplane.ui.audit.AuditPage.Entry;
import io.flotilla.controlplane.ui.audit.AuditPage.Fact;
import io.flotilla.controlplane.ui.audit.AuditPage.Row;
import io.flotilla.controlplane.ui.live.Hints;
import io.flotilla.controlplane.ui.live.LiveStream;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.part.Diff;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Units;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.UriUtils;
import reactor.core.publisher.Flux;

/** Reviewing the audit log: searching, looking at one entry, checking the chain. */
@Controller
class AuditController {

    private static final int PAGE = 50;
    private static final Pattern RECORDING = Pattern.compile("\"recording\":\"([0-9a-f-]{36})\"");
    private static final Units UNITS = new Units();

    private final AuditReview review;
    private final LiveStream live;
    private final Hints hints;
    private final Clock clock;

    AuditController(AuditReview review, LiveStream live, Hints hints, Clock clock) {
        this.review = review;
        this.live = live;
        this.hints = hints;
        this.clock = clock;
    }

    @GetMapping("/audit")
    Page audit(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(required = false) @Nullable Long before,
            @RequestParam(required = false) @Nullable Long entry,
            @RequestParam(defaultValue = "0") String verify) {
        return Page.of("audit")
                .with("live", before == null && entry == null)
                .with("audit", page(q.strip(), before, entry, verify.equals("1")));
    }

    @GetMapping(path = "/audit", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @ResponseBody
    Flux<ServerSentEvent<String>> follow(@RequestParam(defaultValue = "") String q, ServerWebExchange exchange) {
        return live.follow(exchange, hints.all(), () -> audit(q, null, null, "0"));
    }

    private AuditPage page(String q, @Nullable Long before, @Nullable Long seq, boolean verify) {
        AuditSearch search = AuditSearch.of(q);
        List<AuditEntry> found = search.wrong() == null ? review.find(search.query(), before, PAGE) : List.of();
        List<Chip> chips = search.qualifiers().entrySet().stream()
                .map(qualifier -> new Chip(
                        qualifier.getKey(), qualifier.getValue(), href(search.without(qualifier.getKey()), "")))
                .toList();
        String position = before == null ? "" : "before=" + before;
        List<Row> rows = found.stream()
                .map(entry -> row(entry, href(q, join(position, "entry=" + entry.seq())) + "#entry", seq))
                .toList();
        boolean more = found.size() == PAGE && found.getLast().seq() > 1;
        return new AuditPage(
                q,
                chips,
                rows,
                more ? href(q, "before=" + found.getLast().seq()) : null,
                before == null ? null : href(q, ""),
                seq == null ? null : entry(seq, q, position),
                verify ? verified() : null,
                search.wrong(),
                q.isEmpty() ? "" : "&q=" + UriUtils.encode(q, StandardCharsets.UTF_8));
    }

    private static Row row(AuditEntry entry, String href, @Nullable Long open) {
        return new Row(
                entry.seq(),
                entry.time(),
                entry.actor(),
                entry.action(),
                entry.target(),
                what(entry),
                "",
                entry.result().equals(AuditEntry.REFUSED),
                entry.source(),
                href,
                open != null && open == entry.seq());
    }

    /** What changed, in a few words. */
    private static String what(AuditEntry entry) {
        if (entry.reason() != null) {
            return entry.reason();
        }
        if (entry.before() == null || entry.after() == null) {
            return entry.before() == null && entry.after() == null ? "" : entry.after() == null ? "removed" : "new";
        }
        List<Diff.Row> rows = JsonDiff.of(entry.before(), entry.after());
        if (rows.size() == 1) {
            Diff.Row row = rows.getFirst();
            return row.field() + ": " + (row.before() == null ? "none" : row.before()) + " to "
                    + (row.after() == null ? "none" : row.after());
        }
        return UNITS.count(rows.size(), "field", "fields");
    }

    private @Nullable Entry entry(long seq, String q, String position) {
        return review.get(seq).map(entry -> shown(entry, q, position)).orElse(null);
    }

    private Entry shown(AuditEntry entry, String q, String position) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("Action", entry.action(), true));
        facts.add(new Fact("Result", entry.result(), false));
        if (entry.reason() != null) {
            facts.add(new Fact("Why", Sentences.of(entry.reason()), false));
        }
        facts.add(new Fact("Target", entry.targetKind() + " " + entry.target(), false));
        facts.add(new Fact("Actor", entry.actor() + ", " + entry.actorKind(), false));
        facts.add(new Fact("From", entry.source(), true));
        facts.add(new Fact("Time", entry.time().toString(), true));
        String previous = review.get(entry.seq() - 1).map(AuditEntry::hash).orElse(null);
        boolean newer = review.get(entry.seq() + 1).isPresent();
        return new Entry(
                entry.seq(),
                entry.action(),
                facts,
                JsonDiff.of(entry.before(), entry.after()),
                entry.hash(),
                previous,
                newer ? href(q, join(position, "entry=" + (entry.seq() + 1))) + "#entry" : null,
                entry.seq() > 1 ? href(q, join(position, "entry=" + (entry.seq() - 1))) + "#entry" : null,
                href(q, position),
                entry.action().equals("terminal.end") ? recording(String.valueOf(entry.after())) : null);
    }

    private static @Nullable String recording(String after) {
        Matcher found = RECORDING.matcher(after);
        return found.find() ? found.group(1) : null;
    }

    private Chain verified() {
        Instant start = clock.instant();
        Verdict verdict = review.verify();
        String took = UNITS.span(Duration.between(start, clock.instant()));
        String entries = UNITS.count(verdict.entries(), "entry", "entries");
        if (verdict.ok()) {
            return new Chain(
                    "verified",
                    "The chain is whole: " + entries,
                    "Checked in " + took + " and compared with " + UNITS.count(verdict.heads(), "head", "heads")
                            + " kept outside the database.");
        }
        return new Chain(
                "fail",
                "The log is not as it was written",
                verdict.findings().stream()
                        .limit(5)
                        .map(Finding::detail)
                        .map(Sentences::of)
                        .collect(Collectors.joining(" ")));
    }

    private static String join(String first, String second) {
        return first.isEmpty() ? second : first + "&" + second;
    }

    private static String href(String q, String rest) {
        String query = q.isEmpty() ? "" : "q=" + UriUtils.encode(q, StandardCharsets.UTF_8);
        String all = query.isEmpty() || rest.isEmpty() ? query + rest : query + "&" + rest;
        return all.isEmpty() ? "/audit" : "/audit?" + all;
    }
}
