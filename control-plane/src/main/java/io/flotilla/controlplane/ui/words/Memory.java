package io.flotilla.controlplane.ui.words;

import java.math.BigDecimal;
import java.util.List;

/** Amounts of memory as people type them: bytes, or a number with Ki, Mi, Gi or Ti. */
public final class Memory {

    private static final List<String> SUFFIXES = List.of("Ki", "Mi", "Gi", "Ti");

    private Memory() {}

    /** @throws IllegalArgumentException if it is neither, or not a whole number of bytes */
    public static long parse(String text) {
        for (int i = 0; i < SUFFIXES.size(); i++) {
            String suffix = SUFFIXES.get(i);
            if (text.endsWith(suffix)) {
                String number =
                        text.substring(0, text.length() - suffix.length()).strip();
                return exact(new BigDecimal(number).multiply(BigDecimal.valueOf(1L << (10 * (i + 1)))));
            }
        }
        return exact(new BigDecimal(text));
    }

    private static long exact(BigDecimal bytes) {
        try {
            return bytes.longValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(bytes + " is not a whole number of bytes", e);
        }
    }
}
