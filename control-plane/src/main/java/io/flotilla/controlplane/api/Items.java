package io.flotilla.controlplane.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list.
 *
 * @param next what to pass as {@code after} to get the following page; null on the last one
 */
public record Items<T>(List<T> items, @Nullable String next) {

    /** A list that is given whole. */
    static <T> Items<T> whole(List<T> items) {
        return new Items<>(items, null);
    }
}
