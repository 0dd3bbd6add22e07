package io.flotilla.controlplane.ui.audit;

import io.flotilla.controlplane.audit.AuditQuery;
import io.flotilla.controlplane.ui.words.CommandLine;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The search line of the Audit page: {@code key:value} qualifiers and free text.
 *
 * @param qualifiers in the order in which they were typed
 * @param wrong why the line cannot be read, null if it can
 */
record AuditSearch(
        Map<String, String> qualifiers,
        String text,
        @Nullable String wrong) {

    private static final List<String> KEYS = List.of("actor", "action", "target", "result", "since", "until");

    static AuditSearch of(String line) {
        Map<String, String> qualifiers = new LinkedHashMap<>();
        List<String> text = new ArrayList<>();
        String wrong = null;
        for (String word : CommandLine.words(line)) {
            int colon = word.indexOf(':');
            String key = colon > 0 ? word.substring(0, colon) : "";
            if (KEYS.contains(key)) {
                qualifiers.put(key, word.substring(colon + 1));
                if ((key.equals("since") || key.equals("until")) && moment(word.substring(colon + 1), false) == null) {
                    wrong = key + ": needs a date like 2026-11-23, or a moment like 2026-11-23T14:30:00Z.";
                }
            } else {
                text.add(word);
            }
        }
        return new AuditSearch(qualifiers, String.join(" ", text), wrong);
    }

    AuditQuery query() {
        String since = qualifiers.get("since");
        String until = qualifiers.get("until");
        return new AuditQuery(
                qualifiers.get("actor"),
                qualifiers.get("action"),
                qualifiers.get("target"),
                qualifiers.get("result"),
                since == null ? null : moment(since, false),
                until == null ? null : moment(until, true),
                text.isEmpty() ? null : text);
    }

    /** The line without one of its qualifiers. */
    String without(String key) {
        List<String> words = new ArrayList<>();
        qualifiers.forEach((name, value) -> {
            if (!name.equals(key)) {
                words.add(name + ":" + value);
            }
        });
        String line = CommandLine.line(words);
        return (line + " " + text).strip();
    }

    /** A day means its start, or as an end its last moment: until a day includes the day. */
    private static @Nullable Instant moment(String value, boolean end) {
        try {
            LocalDate day = LocalDate.parse(value);
            return (end ? day.plusDays(1) : day).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeParseException notADay) {
            try {
                return Instant.parse(value);
            } catch (DateTimeParseException e) {
                return null;
            }
        }
    }
}
