package io.flotilla.controlplane.audit;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Reading and checking the audit log. */
@Service
public class AuditReview {

    private static final int PAGE = 1000;

    private final AuditStore store;
    private final HeadFile headFile;
    private final List<Evidence> evidence;

    AuditReview(AuditStore store, HeadFile headFile, List<Evidence> evidence) {
        this.store = store;
        this.headFile = headFile;
        this.evidence = List.copyOf(evidence);
    }

    /**
     * Entries that match, newest first.
     *
     * @param before only entries with a lower seq; null from the newest on
     * @param limit at most this many
     */
    public List<AuditEntry> find(AuditQuery query, @Nullable Long before, int limit) {
        return store.find(query, before, limit);
    }

    /** One entry. */
    public Optional<AuditEntry> get(long seq) {
        return store.after(seq - 1, 1).stream()
                .filter(entry -> entry.seq() == seq)
                .findFirst();
    }

    /** Hands every matching entry to the receiver, newest first, reading page by page. */
    public void each(AuditQuery query, Consumer<AuditEntry> receiver) {
        Long before = null;
        while (true) {
            List<AuditEntry> page = store.find(query, before, PAGE);
            page.forEach(receiver);
            if (page.size() < PAGE) {
                return;
            }
            before = page.getLast().seq();
        }
    }

    /** Hands every entry to the receiver, oldest first: the order in which an export can be verified. */
    public void all(Consumer<AuditEntry> receiver) {
        long after = 0;
        while (true) {
            List<AuditEntry> page = store.after(after, PAGE);
            page.forEach(receiver);
            if (page.size() < PAGE) {
                return;
            }
            after = page.getLast().seq();
        }
    }

    /** Checks the whole log against its chain, its head, the heads kept in the file and the evidence that it names. */
    public Verdict verify() {
        // The head is read first: entries that are written while this runs lie beyond it and do no harm.
        AuditHead head = store.head();
        Verification verification = new Verification(headFile.read());
        AuditHead[] reached = {new AuditHead(0, Chain.START)};
        List<Evidence.Check> checks = evidence.stream().map(Evidence::begin).toList();
        all(entry -> {
            verification.entry(entry);
            checks.forEach(check -> check.entry(entry));
            reached[0] = new AuditHead(entry.seq(), entry.hash());
        });
        checks.forEach(check -> check.end(verification::evidence));
        return verification.end(reached[0].seq() > head.seq() ? reached[0] : head);
    }
}
