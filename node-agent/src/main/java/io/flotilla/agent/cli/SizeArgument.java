package io.flotilla.agent.cli;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An amount of memory as people type it: {@code 512m} and {@code 1.5g} as docker has it, {@code 64Mi} as the API has. */
final class SizeArgument {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,6})?) ?(?:([kmgtKMGT])[iI]?)?[bB]?");

    private SizeArgument() {}

    /** @throws IllegalArgumentException naming the option */
    static long bytes(String option, String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(option + " \"" + text + "\" is not a size, as in 256m or 1.5Gi");
        }
        String unit = matcher.group(2) == null ? "" : matcher.group(2).toLowerCase(Locale.ROOT);
        int shift = 10 * " kmgt".indexOf(unit.isEmpty() ? " " : unit);
        return new BigDecimal(matcher.group(1))
                .multiply(BigDecimal.valueOf(1L << shift))
                .longValue();
    }
}
