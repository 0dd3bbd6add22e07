package io.flotilla.protocol;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in force for a running container, read from the kernel, beside what was asked.
 *
 * @param at when it was read
 * @param pid the container's first process, as the node counts
 */
public record AppliedState(Instant at, int pid, List<Setting> settings) {

    public AppliedState {
        settings = List.copyOf(settings);
    }

    /**
     * One setting.
     *
     * @param field as in the runtime specification, such as {@code linux.resources.memory.limit}
     * @param asked null if nothing was asked
     * @param inForce null if the kernel does not tell
     * @param differs whether the container may more than was asked, or gets less; a program that gave up rights of its
     *     own is none
     */
    public record Setting(
            String field, @Nullable String asked, @Nullable String inForce, boolean differs) {}

    /** How many settings are not as asked. */
    public long differences() {
        return settings.stream().filter(Setting::differs).count();
    }
}
