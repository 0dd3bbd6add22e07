package io.flotilla.controlplane.audit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks a log entry by entry, in the order in which it is kept, against its own chain and against heads that were kept
 * elsewhere. Pure; holds only what is suspicious.
 */
final class Verification {

    private static final int MOST_FINDINGS = 100;

    /** An entry whose hash does not follow, with the hash that it should follow. */
    private record Suspect(AuditEntry entry, String before) {}

    private final Heads heads;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Suspect> suspects = new ArrayList<>();
    private long entries;
    private long last;
    private String lastHash = Chain.START;
    private boolean rewritten;

    Verification(Heads heads) {
        this.heads = heads;
    }

    void entry(AuditEntry entry) {
        entries++;
        if (entry.seq() <= last) {
            find(Finding.Kind.OUT_OF_ORDER, entry.seq(), "entry " + entry.seq() + " stands after entry " + last);
            return;
        }
        boolean gap = entry.seq() != last + 1;
        if (gap) {
            find(Finding.Kind.DELETED, last + 1, range(last + 1, entry.seq() - 1) + " deleted");
        }
        // Behind a gap the hash before is known only if its head was kept.
        String before = gap ? heads.hash(entry.seq() - 1) : lastHash;
        last = entry.seq();
        lastHash = entry.hash();
        if (before != null && !Chain.hash(before, entry).equals(entry.hash())) {
            suspects.add(new Suspect(entry, before));
            // Goes on with the hash as it was first written, so that one altered entry does not accuse all later ones.
            String kept = heads.hash(entry.seq());
            lastHash = kept == null ? entry.hash() : kept;
        } else {
            compareHead(entry);
        }
    }

    private void compareHead(AuditEntry entry) {
        String kept = heads.hash(entry.seq());
        if (kept != null && !kept.equals(entry.hash()) && !rewritten) {
            rewritten = true;
            find(
                    Finding.Kind.REWRITTEN,
                    entry.seq(),
                    "entry " + entry.seq() + " has another hash than was kept when it was written; "
                            + "it and the entries after it were written anew");
        }
    }

    /** Something outside of the log that an entry vouches for is not as the entry says. */
    void evidence(long seq, String detail) {
        find(Finding.Kind.RECORDING, seq, detail);
    }

    void unreadable(long line, String why) {
        find(Finding.Kind.UNREADABLE, line, "line " + line + " is no entry: " + why);
    }

    /**
     * Ends the check.
     *
     * @param database the head in the database, null for an export
     */
    Verdict end(@Nullable AuditHead database) {
        nameSuspects();
        AuditHead kept = heads.last();
        long expected = Math.max(kept.seq(), database == null ? 0 : database.seq());
        if (expected > last) {
            find(
                    last == 0 ? Finding.Kind.TRUNCATED : Finding.Kind.TAIL_DELETED,
                    last + 1,
                    range(last + 1, expected) + (last == 0 ? " deleted: the log was emptied" : " deleted at the end"));
        }
        if (database != null && database.seq() == last && !database.hash().equals(lastHash)) {
            find(Finding.Kind.ALTERED, last, "the head of the chain does not belong to entry " + last);
        }
        return new Verdict(findings.isEmpty(), entries, heads.size(), List.copyOf(findings));
    }

    private void nameSuspects() {
        List<Suspect> open = new ArrayList<>(suspects);
        while (!open.isEmpty()) {
            Suspect one = open.removeFirst();
            Suspect other = open.stream()
                    .filter(candidate -> swapped(one, candidate))
                    .findFirst()
                    .orElse(null);
            if (other == null) {
                find(
                        Finding.Kind.ALTERED,
                        one.entry().seq(),
                        "entry " + one.entry().seq() + " was altered");
            } else {
                open.remove(other);
                find(
                        Finding.Kind.SWAPPED,
                        one.entry().seq(),
                        "entries " + one.entry().seq() + " and " + other.entry().seq() + " were swapped");
            }
        }
    }

    /** Whether the other's content in this place yields a hash that was really computed. */
    private boolean swapped(Suspect one, Suspect other) {
        String hash = Chain.hash(one.before(), other.entry().at(one.entry().seq()));
        return hash.equals(one.entry().hash())
                || hash.equals(other.entry().hash())
                || hash.equals(heads.hash(one.entry().seq()));
    }

    private void find(Finding.Kind kind, long seq, String detail) {
        if (findings.size() < MOST_FINDINGS) {
            findings.add(new Finding(kind, seq, detail));
        }
    }

    private static String range(long from, long to) {
        return from == to ? "entry " + from + " was" : "entries " + from + " to " + to + " were";
    }
}
