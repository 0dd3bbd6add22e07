package io.flotilla.controlplane.schedule;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Amounts as people read them. */
public final class Amounts {

    private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};

    private Amounts() {}

    /** As in {@code 0.25 cores}, {@code 1 core}. */
    public static String cores(long millis) {
        String number =
                new BigDecimal(millis).movePointLeft(3).stripTrailingZeros().toPlainString();
        return number + (number.equals("1") ? " core" : " cores");
    }

    /** As in {@code 64 MiB}, {@code 47.7 GiB}; rounded down, so that nothing looks larger than it is. */
    public static String bytes(long bytes) {
        int unit = 0;
        BigDecimal value = new BigDecimal(bytes);
        BigDecimal step = new BigDecimal(1024);
        while (unit < UNITS.length - 1 && value.abs().compareTo(step) >= 0) {
            value = value.divide(step, 20, RoundingMode.DOWN);
            unit++;
        }
        return value.setScale(1, RoundingMode.DOWN).stripTrailingZeros().toPlainString() + " " + UNITS[unit];
    }
}
