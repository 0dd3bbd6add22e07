package io.flotilla.controlplane.ui.part;

import io.flotilla.controlplane.ui.words.Units;
import org.jspecify.annotations.Nullable;

/**
 * One dimension of a team's quota.
 *
 * @param reserved what the team's workloads reserve
 * @param more what the planned launch would add, 0 on pages that plan nothing
 * @param limit null: unlimited
 */
public record QuotaLine(
        String name,
        Gauge.Unit unit,
        long reserved,
        long more,
        @Nullable Long limit) {

    private static final Units UNITS = new Units();

    public boolean over() {
        return limit != null && reserved + more > limit;
    }

    public String overText() {
        return limit == null ? "" : unit.text(reserved + more - limit) + " over";
    }

    public String reservedText() {
        return unit.text(reserved);
    }

    public String moreText() {
        return more == 0 ? "" : " and " + unit.text(more) + " more";
    }

    public String limitText() {
        return limit == null ? "no limit" : "of " + unit.text(limit);
    }

    public String reservedShare() {
        return limit == null ? "0%" : UNITS.share(reserved, limit);
    }

    public String withMoreShare() {
        return limit == null ? "0%" : UNITS.share(reserved + more, limit);
    }
}
