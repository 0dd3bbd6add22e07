package io.flotilla.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Which log records to send.
 *
 * @param from cursor {@code <attempt>.<segment>.<offset>} of the first record wanted; null: by tail
 * @param tail with no cursor: how many records from the end; null: from the first
 * @param attempt only this attempt; null: all
 */
public record LogQuery(
        @Nullable String from,
        @Nullable Integer tail,
        @Nullable Integer attempt,
        boolean follow) {}
