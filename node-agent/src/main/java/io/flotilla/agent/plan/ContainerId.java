package io.flotilla.agent.plan;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The id of one attempt's container, {@code <allocation>-<attempt>}.
 *
 * @param attempt from 1
 */
public record ContainerId(UUID allocationId, int attempt) {

    private static final Pattern FORM =
            Pattern.compile("([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-([1-9][0-9]{0,8})");

    public ContainerId {
        if (attempt < 1) {
            throw new IllegalArgumentException("attempt " + attempt + " is below 1");
        }
    }

    /** Reads an id; empty for one that Flotilla did not give. */
    public static Optional<ContainerId> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(new ContainerId(UUID.fromString(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return allocationId + "-" + attempt;
    }
}
