package io.flotilla.controlplane.workload;

import io.flotilla.controlplane.problem.ProblemException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads amounts as people write them. */
final class Quantities {

    private static final Pattern MEMORY = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,6})?)(Ki|Mi|Gi|Ti)?");
    private static final Map<String, Long> UNITS =
            Map.of("Ki", 1L << 10, "Mi", 1L << 20, "Gi", 1L << 30, "Ti", 1L << 40);
    private static final BigDecimal LEAST_CPU = new BigDecimal("0.01");
    private static final BigDecimal MOST_CPU = new BigDecimal("1024");

    private Quantities() {}

    /** Cores to thousandths; more than three decimals are refused rather than rounded. */
    static long cpuMillis(String field, BigDecimal cores) {
        boolean inRange = cores.compareTo(LEAST_CPU) >= 0 && cores.compareTo(MOST_CPU) <= 0;
        if (!inRange || cores.stripTrailingZeros().scale() > 3) {
            throw ProblemException.invalid(
                    field,
                    cores + " must be a number of cores from 0.01 to 1024 with at most three decimals, as in 0.25");
        }
        return cores.movePointRight(3).setScale(0, RoundingMode.UNNECESSARY).longValueExact();
    }

    /** An integer of bytes, or a string with Ki, Mi, Gi or Ti. */
    static long bytes(String field, Object value) {
        // A number beyond every double arrives as Infinity, which is no decimal.
        String text = value instanceof Number number && Double.isFinite(number.doubleValue())
                ? new BigDecimal(number.toString()).toPlainString()
                : value.toString();
        Matcher matcher = MEMORY.matcher(text);
        if (value instanceof Boolean || !matcher.matches()) {
            throw ProblemException.invalid(
                    field,
                    "\"" + shortened(text)
                            + "\" must be an integer of bytes, or a number with Ki, Mi, Gi or Ti, as in \"64Mi\"");
        }
        String unit = matcher.group(2);
        BigDecimal factor = new BigDecimal(unit == null ? 1L : UNITS.getOrDefault(unit, 1L));
        try {
            return new BigDecimal(matcher.group(1)).multiply(factor).longValueExact();
        } catch (ArithmeticException e) {
            throw ProblemException.invalid(field, "must be a whole number of bytes below 2^63");
        }
    }

    private static String shortened(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "..." : text;
    }
}
