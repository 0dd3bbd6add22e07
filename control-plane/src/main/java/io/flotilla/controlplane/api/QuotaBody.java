package io.flotilla.controlplane.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.flotilla.controlplane.identity.Quota;
import io.flotilla.controlplane.identity.Usage;
import io.flotilla.controlplane.problem.ProblemException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A quota or a usage in the units of the API; null is without bound.
 *
 * @param cpu cores, up to three decimals
 * @param memory an integer of bytes, or a string with Ki, Mi, Gi or Ti; always answered as bytes
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record QuotaBody(
        @Nullable BigDecimal cpu,
        @Nullable Object memory,
        @Nullable Long replicas,
        @Nullable Long ports) {

    private static final Pattern MEMORY = Pattern.compile("([0-9]{1,18})(Ki|Mi|Gi|Ti)?");
    private static final Map<String, Integer> SHIFT = Map.of("Ki", 10, "Mi", 20, "Gi", 30, "Ti", 40);
    private static final int CPU_DECIMALS = 3;

    static QuotaBody of(Quota quota) {
        Long cpu = quota.cpuMillis();
        return new QuotaBody(
                cpu == null ? null : BigDecimal.valueOf(cpu, CPU_DECIMALS),
                quota.memoryBytes(),
                quota.replicas(),
                quota.ports());
    }

    static QuotaBody of(Usage usage) {
        return new QuotaBody(
                BigDecimal.valueOf(usage.cpuMillis(), CPU_DECIMALS),
                usage.memoryBytes(),
                usage.replicas(),
                usage.ports());
    }

    /** @throws ProblemException naming the field */
    Quota quota() {
        return new Quota(cpuMillis(), memoryBytes(), replicas, ports);
    }

    private @Nullable Long cpuMillis() {
        if (cpu == null) {
            return null;
        }
        try {
            return cpu.setScale(CPU_DECIMALS, RoundingMode.UNNECESSARY)
                    .movePointRight(CPU_DECIMALS)
                    .longValueExact();
        } catch (ArithmeticException e) {
            throw ProblemException.invalid("quota.cpu", "must be a number of cores with at most three decimals");
        }
    }

    private @Nullable Long memoryBytes() {
        if (memory == null) {
            return null;
        }
        Matcher matcher = MEMORY.matcher(memory.toString());
        if (!matcher.matches()) {
            throw ProblemException.invalid("quota.memory", "must be an integer of bytes or a string such as \"512Mi\"");
        }
        long number = Long.parseLong(matcher.group(1));
        int shift = matcher.group(2) == null ? 0 : SHIFT.getOrDefault(matcher.group(2), 0);
        if (number > Long.MAX_VALUE >> shift) {
            throw ProblemException.invalid("quota.memory", "is too large");
        }
        return number << shift;
    }
}
