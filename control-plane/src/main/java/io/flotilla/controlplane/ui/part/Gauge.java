package io.flotilla.controlplane.ui.part;

import io.flotilla.controlplane.ui.words.Units;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much of a limited thing is reserved and used, as a meter or as a tank with one block for each allocation.
 *
 * @param name what is measured
 * @param unit bytes or milli-CPU
 * @param total the whole, in the unit; 0 if unknown
 * @param reserved what has been promised
 * @param used what was last measured; null if nothing was
 * @param blocks in the order of the tank, empty for a plain meter
 */
public record Gauge(
        String name,
        Unit unit,
        long total,
        long reserved,
        @Nullable Long used,
        List<Block> blocks) {

    private static final Units UNITS = new Units();

    /** Over this share of its limit a thing takes the warning tone. */
    private static final double NEAR = 0.9;

    /** Up to this share of the whole a block is narrow. */
    private static final double NARROW = 0.02;

    /** What is counted. */
    public enum Unit {
        BYTES,
        MILLI_CPU,
        PIECES;

        String text(long amount) {
            return switch (this) {
                case BYTES -> UNITS.memory(amount);
                case MILLI_CPU -> UNITS.cores(amount);
                case PIECES -> UNITS.count(amount);
            };
        }

        String number(long amount) {
            return this == BYTES ? UNITS.gib(amount) : text(amount);
        }
    }

    /** One allocation: its width is what it reserves, its fill what it uses. */
    public record Block(
            String label, long reserved, @Nullable Long used) {}

    /**
     * A block with its place in the drawing, in percent.
     *
     * @param edged whether a line sets it apart from its neighbours; a narrow block would be nothing but line
     */
    public record Drawn(String title, String x, String width, String y, String height, String tone, boolean edged) {}

    public Gauge {
        blocks = List.copyOf(blocks);
    }

    public static Gauge plain(String name, Unit unit, long total, long reserved, @Nullable Long used) {
        return new Gauge(name, unit, total, reserved, used, List.of());
    }

    public String reservedText() {
        return unit.number(reserved);
    }

    public String totalText() {
        return unit == Unit.BYTES ? unit.number(total) + " GiB" : unit.text(total);
    }

    public String reservedShare() {
        return UNITS.share(reserved, total);
    }

    public String usedShare() {
        return UNITS.share(used == null ? 0 : used, total);
    }

    public String fill() {
        return used != null && total > 0 && used > NEAR * (double) total ? "over" : "used";
    }

    /** The drawing in words. */
    public String label() {
        return name + ": " + reservedText() + " of " + totalText() + " reserved, "
                + (used == null ? "use not reported" : unit.number(used) + " used") + ", "
                + unit.number(Math.max(0, total - reserved)) + " free";
    }

    /** The blocks from the left, each as wide as its share of the whole. */
    public List<Drawn> drawn() {
        List<Drawn> drawn = new ArrayList<>();
        long from = 0;
        for (Block block : blocks) {
            long use = block.used() == null ? 0 : Math.min(block.used(), block.reserved());
            boolean near = block.reserved() > 0 && use > NEAR * (double) block.reserved();
            drawn.add(new Drawn(
                    block.label() + ": " + (block.used() == null ? "not reported" : unit.text(block.used())) + " of "
                            + unit.text(block.reserved()),
                    UNITS.share(from, total),
                    UNITS.share(block.reserved(), total),
                    UNITS.share(block.reserved() - use, block.reserved()),
                    UNITS.share(use, block.reserved()),
                    near ? "near" : "used",
                    block.reserved() > NARROW * total));
            from += block.reserved();
        }
        return drawn;
    }
}
