package io.flotilla.controlplane.api;

import io.flotilla.controlplane.problem.ProblemException;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of a page and makes the page of what was found. */
final class Pages {

    private static final int USUAL = 100;
    private static final int MOST = 1000;

    private Pages() {}

    /** How many to give; 100 if the caller does not say. */
    static int limit(@Nullable Integer asked) {
        if (asked == null) {
            return USUAL;
        }
        if (asked < 1 || asked > MOST) {
            throw ProblemException.invalid("limit", "must be from 1 to " + MOST);
        }
        return asked;
    }

    /**
     * A page of what was found.
     *
     * @param found one more than {@code limit} if there is a following page
     */
    static <T, B> Items<B> of(List<T> found, int limit, Function<T, UUID> id, Function<T, B> body) {
        boolean more = found.size() > limit;
        List<T> shown = more ? found.subList(0, limit) : found;
        String next = more ? id.apply(shown.getLast()).toString() : null;
        return new Items<>(shown.stream().map(body).toList(), next);
    }
}
