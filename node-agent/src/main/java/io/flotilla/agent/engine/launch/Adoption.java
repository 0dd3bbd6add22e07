package io.flotilla.agent.engine.launch;

/** What a container's runtime directory turned out to hold. */
public sealed interface Adoption {

    /** The shim is there (its container may have ended meanwhile: see {@link Shim#exit()}). */
    record Adopted(Shim shim) implements Adoption {}

    /** The container ended and the shim left, or was ended, after it had written how. */
    record Ended(ShimRecord record, Exit exit) implements Adoption {}

    /**
     * The shim is gone without an exit record, or belongs to another boot: how the container ended is unknown.
     *
     * @param running whether the container's first process is still there, without its shim
     */
    record Lost(ShimRecord record, boolean running) implements Adoption {}

    /** No container was ever made here. */
    record Nothing() implements Adoption {}
}
