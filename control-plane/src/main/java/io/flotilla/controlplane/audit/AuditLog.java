package io.flotilla.controlplane.audit;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.database.Transactions;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Writes the audit log. An accepted mutation records one entry inside its own transaction: the row is written just
 * before the commit, so that the head of the chain, which every mutation needs, is locked last and for the shortest
 * time. A refusal is written in a transaction of its own.
 */
@Service
public class AuditLog {

    private final AuditStore store;
    private final Masking masking;
    private final Transactions transactions;
    private final Clock clock;
    private final List<Consumer<AuditHead>> listeners = new CopyOnWriteArrayList<>();

    AuditLog(AuditStore store, Masking masking, Transactions transactions, Clock clock) {
        this.store = store;
        this.masking = masking;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * Records an accepted mutation in the running transaction; if the entry cannot be written the mutation is rolled
     * back.
     *
     * @param action noun and verb in lower case, such as {@code workload.scale}
     * @param before anything that Jackson can write, usually a record; null if there was nothing. Values under the key
     *     {@code env} become salted hashes, those under keys that speak of secrets are masked
     * @param after likewise; null if nothing is left
     * @throws IllegalStateException outside a transaction
     */
    public void record(Actor actor, String action, Target target, @Nullable Object before, @Nullable Object after) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("audit entry " + action + " outside the transaction of its mutation");
        }
        AuditEntry.Draft draft = draft(actor, action, target, null, before, after);
        TransactionSynchronizationManager.registerSynchronization(new AtCommit(draft));
    }

    /** Records that something was not allowed or not possible, in a transaction of its own. */
    public void refused(Actor actor, String action, Target target, String reason) {
        AuditEntry.Draft draft = draft(actor, action, target, reason, null, null);
        transactions.runSeparately(
                () -> TransactionSynchronizationManager.registerSynchronization(new AtCommit(draft)));
    }

    /** Is told every head after its commit, on the committing thread; a listener must be quick. */
    public void onHead(Consumer<AuditHead> listener) {
        listeners.add(listener);
    }

    private AuditEntry.Draft draft(
            Actor actor,
            String action,
            Target target,
            @Nullable String reason,
            @Nullable Object before,
            @Nullable Object after) {
        return new AuditEntry.Draft(
                clock.instant(),
                actor.kind().word(),
                actor.id() == null ? null : actor.id().toString(),
                actor.name(),
                actor.source(),
                action,
                target.kind(),
                target.id(),
                target.name(),
                target.team() == null ? null : target.team().toString(),
                reason == null ? AuditEntry.ACCEPTED : AuditEntry.REFUSED,
                reason,
                masking.json(before),
                masking.json(after));
    }

    private final class AtCommit implements TransactionSynchronization {

        private final AuditEntry.Draft draft;
        private @Nullable AuditHead head;

        AtCommit(AuditEntry.Draft draft) {
            this.draft = draft;
        }

        /** After every other callback before the commit: some of them may still write. */
        @Override
        public int getOrder() {
            return Ordered.LOWEST_PRECEDENCE;
        }

        @Override
        public void beforeCommit(boolean readOnly) {
            head = store.append(draft);
        }

        @Override
        public void afterCommit() {
            AuditHead committed = head;
            if (committed != null) {
                listeners.forEach(listener -> listener.accept(committed));
            }
        }
    }
}
