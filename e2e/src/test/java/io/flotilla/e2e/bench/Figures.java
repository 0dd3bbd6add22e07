package io.flotilla.e2e.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;

/** Candidates measured in turns, so that whatever else the machine does meanwhile meets all of them alike. */
final class Figures {

    private static final int WARM_UP = 10;
    private static final double MICROS_PER_MILLI = 1000;

    /** One line of the table; times in milliseconds, the ratio to the first line's median. */
    record Line(String name, int runs, double medianMillis, double lowestMillis, double highestMillis, double ratio) {}

    private Figures() {}

    static List<Line> measure(List<Candidate> candidates, int runs) throws Exception {
        return measure(candidates, WARM_UP, runs);
    }

    static List<Line> measure(List<Candidate> candidates, int warmUp, int runs) throws Exception {
        var times = new ArrayList<List<Long>>();
        for (Candidate candidate : candidates) {
            for (int i = 0; i < warmUp; i++) {
                candidate.run();
            }
            times.add(new ArrayList<>());
        }
        for (int run = 0; run < runs; run++) {
            for (int i = 0; i < candidates.size(); i++) {
                times.get(i).add(candidates.get(i).run());
            }
        }
        var lines = new ArrayList<Line>();
        for (int i = 0; i < candidates.size(); i++) {
            double base = lines.isEmpty() ? 0 : lines.getFirst().medianMillis;
            lines.add(line(candidates.get(i).name(), times.get(i), base));
        }
        return lines;
    }

    private static Line line(String name, List<Long> times, double base) {
        List<Long> sorted = times.stream().sorted().toList();
        double median = median(sorted) / MICROS_PER_MILLI;
        return new Line(
                name,
                sorted.size(),
                median,
                sorted.getFirst() / MICROS_PER_MILLI,
                sorted.getLast() / MICROS_PER_MILLI,
                base == 0 ? 1 : Math.round(median / base * 100) / 100.0);
    }

    private static double median(List<Long> sorted) {
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2.0;
    }

    /** The number behind {@code --runs=}, or the default. */
    static int runs(List<String> options, int byDefault) {
        return number(options, "--runs=", byDefault);
    }

    /** The number behind an option, or the default. */
    static int number(List<String> options, String name, int byDefault) {
        return options.stream()
                .filter(option -> option.startsWith(name))
                .mapToInt(option -> Integer.parseInt(option.substring(name.length())))
                .findFirst()
                .orElse(byDefault);
    }

    /** As a table, or as JSON with {@code --json}. */
    static void print(List<Line> lines, List<String> options) {
        System.out.print(options.contains("--json") ? json(lines) + "\n" : table(lines));
    }

    private static String table(List<Line> lines) {
        var text = new StringBuilder(String.format(
                Locale.ROOT, "%-52s %5s %9s %9s %9s %8s%n", "", "runs", "median", "lowest", "highest", "ratio"));
        for (Line line : lines) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-52s %5d %6.1f ms %6.1f ms %6.1f ms %8.2f%n",
                    line.name,
                    line.runs,
                    line.medianMillis,
                    line.lowestMillis,
                    line.highestMillis,
                    line.ratio));
        }
        return text.toString();
    }

    private static String json(List<Line> lines) {
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(lines);
    }
}
