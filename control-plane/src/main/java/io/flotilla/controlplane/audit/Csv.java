package io.flotilla.controlplane.audit;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Entries as lines of comma-separated values (RFC 4180). */
public final class Csv {

    /** The first line. */
    public static final String HEADER =
            "seq,time,actorKind,actorId,actor,source,action,targetKind,targetId,target,team,result,reason,before,after,hash\r\n";

    private Csv() {}

    public static String line(AuditEntry entry) {
        return java.util.stream.Stream.of(
                                Long.toString(entry.seq()),
                                entry.time().toString(),
                                entry.actorKind(),
                                text(entry.actorId()),
                                entry.actor(),
                                entry.source(),
                                entry.action(),
                                entry.targetKind(),
                                text(entry.targetId()),
                                entry.target(),
                                text(entry.team()),
                                entry.result(),
                                text(entry.reason()),
                                text(entry.before()),
                                text(entry.after()),
                                entry.hash())
                        .map(Csv::cell)
                        .collect(Collectors.joining(","))
                + "\r\n";
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    /** Spreadsheets carry out what begins like a formula; a leading apostrophe makes it text. */
    private static String cell(String value) {
        String safe =
                !value.isEmpty() && List.of('=', '+', '-', '@', '\t', '\r').contains(value.charAt(0))
                        ? "'" + value
                        : value;
        return "\"" + safe.replace("\"", "\"\"") + "\"";
    }
}
