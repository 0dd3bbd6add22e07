package io.flotilla.controlplane.ui.words;

import java.time.Duration;
import java.util.Locale;

/** How quantities are written: a number, a space, a unit; ages in one unit. Templates see it as {@code units}. */
public final class Units {

    private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB"};
    private static final String[] DECIMAL = {"B", "kB", "MB", "GB", "TB"};

    /** Memory in binary units: 1.2 GiB, 64 MiB. */
    public String memory(long bytes) {
        return scaled(bytes, 1024, BINARY);
    }

    /** Transfers and files in decimal units: 212.4 MB. */
    public String size(long bytes) {
        return scaled(bytes, 1000, DECIMAL);
    }

    /** GiB without the unit, for cells that share one: 29.8. */
    public String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / (double) (1L << 30));
    }

    /** Milli-CPU as cores: 0.25, 1, 27.4. */
    public String cores(long milli) {
        double cores = milli / 1000.0;
        String text =
                cores >= 10 ? String.format(Locale.ROOT, "%.1f", cores) : String.format(Locale.ROOT, "%.2f", cores);
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }

    /** Whole numbers in groups of three: 48,217. */
    public String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** A noun with its number: 1 replica, 3 replicas. */
    public String count(long number, String one, String many) {
        return count(number) + " " + (number == 1 ? one : many);
    }

    /** An age or a span in its largest unit: 0.4 s, 14 s, 12 min, 3 h, 6 d. */
    public String span(Duration span) {
        long millis = Math.max(0, span.toMillis());
        if (millis < 10_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
        }
        long seconds = millis / 1000;
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min";
        }
        return seconds < 86_400 ? seconds / 3600 + " h" : seconds / 86_400 + " d";
    }

    /** A share of a whole as a percentage for an SVG attribute: 47.5%; nothing of nothing is 0%. */
    public String share(long part, long whole) {
        double percent = whole <= 0 ? 0 : Math.clamp(100.0 * (double) part / (double) whole, 0.0, 100.0);
        return String.format(Locale.ROOT, "%.1f%%", percent);
    }

    private static String scaled(long amount, int base, String[] units) {
        double value = amount;
        int unit = 0;
        while (value >= base && unit < units.length - 1) {
            value /= base;
            unit++;
        }
        String number = unit == 0 || value >= 100 || value == Math.rint(value)
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.1f", value);
        return number + " " + units[unit];
    }
}
