package io.flotilla.controlplane.terminal;

import io.flotilla.protocol.Frame;

/** What a terminal says to whoever is attached. */
sealed interface Said {

    /** Output, or the exit. */
    record Output(Frame frame) implements Said {}

    /** Under which id it can be come back to; the first thing of all. */
    record Session(String id) implements Said {}

    /** Everything before was said when nobody was attached, or to somebody else; from here on it is news. */
    record Live() implements Said {}

    /** Why nothing follows. */
    record Sentence(String text) implements Said {}
}
