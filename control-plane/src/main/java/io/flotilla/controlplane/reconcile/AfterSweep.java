package io.flotilla.controlplane.reconcile;

/** A bean with work for the leader that depends on what was observed; called after every sweep, on the loop's thread. */
public interface AfterSweep {

    /** Must be idempotent; an exception is logged and everything tried again a second later. */
    void afterSweep();
}
