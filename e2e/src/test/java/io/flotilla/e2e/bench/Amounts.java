package io.flotilla.e2e.bench;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;

/** What was measured once each, with its unit. */
final class Amounts {

    record Line(String name, double amount, String unit) {}

    private Amounts() {}

    /** As a table, or as JSON with {@code --json}. */
    static void print(List<Line> lines, List<String> options) {
        if (options.contains("--json")) {
            System.out.println(
                    JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(lines));
            return;
        }
        for (Line line : lines) {
            System.out.printf(Locale.ROOT, "%-60s %9.2f %s%n", line.name, line.amount, line.unit);
        }
    }
}
