package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedSet;

/**
 * The control groups of one node agent: a slice of its own, {@code flotilla-<node8>.slice}, with one group for each
 * container and one for all shims, outside the agent's unit, so that neither the agent's end nor its limits reach them.
 */
public sealed interface Cgroups permits V1Cgroups, V2Cgroups {

    /** Holds every shim and has no limits. */
    String SHIMS = "shims";

    /**
     * Makes or finds the slice.
     *
     * @param slice its name, ending in {@code .slice}
     */
    static Cgroups open(CgroupLayout layout, String slice) {
        return switch (layout.mode()) {
            case V2 -> V2Cgroups.open(layout, slice);
            case V1, HYBRID -> V1Cgroups.open(layout, slice);
        };
    }

    /**
     * The group at a path that somebody else has chosen, below the root of every hierarchy; nothing is made.
     *
     * @param path without a leading slash
     */
    static Cgroup at(CgroupLayout layout, String path) {
        return switch (layout.mode()) {
            case V2 -> V2Cgroups.at(layout, path);
            case V1, HYBRID -> new V1Cgroup(path, layout, path);
        };
    }

    /** Makes that group with its limits, and those above it that are missing. If the limits cannot be set, it is not made. */
    static Cgroup make(CgroupLayout layout, String path, Resources resources) {
        Cgroup group = switch (layout.mode()) {
            case V2 -> V2Cgroups.make(layout, path);
            case V1, HYBRID -> V1Cgroups.make(layout, path);
        };
        try {
            group.apply(resources);
            return group;
        } catch (RuntimeException e) {
            if (!group.populated()) {
                group.remove(Duration.ZERO);
            }
            throw e;
        }
    }

    CgroupMode mode();

    /**
     * Makes the container's group with its limits; an existing one gets the limits. If any step fails nothing is left.
     *
     * @param name the container's id
     */
    Cgroup create(String name, Resources resources);

    /** The group that holds the shims; made on first use. */
    Cgroup shims();

    Optional<Cgroup> find(String name);

    /** The containers that have a group on at least one hierarchy. */
    SortedSet<String> list();

    /** Removes every group and the slice, killing what runs in them. */
    void purge(Duration deadline);
}
