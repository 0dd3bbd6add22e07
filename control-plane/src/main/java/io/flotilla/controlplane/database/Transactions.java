package io.flotilla.controlplane.database;

import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs work in one transaction at read committed. Mutations take their locks in this order: team row, candidate node
 * rows by id, audit head; the audit log takes the last one by itself, just before the commit.
 */
@Component
public class Transactions {

    private final TransactionTemplate joining;
    private final TransactionTemplate separate;

    Transactions(PlatformTransactionManager manager) {
        joining = new TransactionTemplate(manager);
        separate = new TransactionTemplate(manager);
        separate.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    /** Runs in the caller's transaction, or in a new one if there is none; any exception rolls it back. */
    public <T> T call(Supplier<T> work) {
        return joining.execute(status -> work.get());
    }

    /** As {@link #call}, without a result. */
    public void run(Runnable work) {
        joining.executeWithoutResult(status -> work.run());
    }

    /** Runs in a transaction of its own, whatever becomes of the caller's. */
    public void runSeparately(Runnable work) {
        separate.executeWithoutResult(status -> work.run());
    }
}
