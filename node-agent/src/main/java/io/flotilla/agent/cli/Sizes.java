package io.flotilla.agent.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts of bytes as people read and write them. */
final class Sizes {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,12})(Ki|Mi|Gi|Ti)?");
    private static final List<String> UNITS = List.of("Ki", "Mi", "Gi", "Ti");

    private Sizes() {}

    /** {@code 512Mi}, {@code 20Gi}, or plain bytes. */
    static long parse(String option, String text) throws IOException {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IOException(option + " \"" + text + "\" is no number of bytes, or one with Ki, Mi, Gi or Ti");
        }
        int power = matcher.group(2) == null ? 0 : UNITS.indexOf(matcher.group(2)) + 1;
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power));
    }

    /** In powers of 1000 as disks are sold: {@code 3.1 GB}. */
    static String show(long bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return unit == 0 || value >= 99.5
                ? Math.round(value) + " " + units[unit]
                : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
