package io.flotilla.controlplane.audit;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an action was done to.
 *
 * @param kind a word of the glossary in lower case: {@code workload}, {@code node}, {@code user}, ...
 * @param id null if it has none, or if a refused request did not get far enough to know
 * @param name what people call it
 * @param team the team it belongs to, null if none
 */
public record Target(
        String kind,
        @Nullable String id,
        String name,
        @Nullable UUID team) {

    public static Target of(String kind, UUID id, String name) {
        return new Target(kind, id.toString(), name, null);
    }

    public static Target of(String kind, UUID id, String name, UUID team) {
        return new Target(kind, id.toString(), name, team);
    }
}
