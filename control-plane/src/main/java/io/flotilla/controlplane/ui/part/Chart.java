package io.flotilla.controlplane.ui.part;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A time chart drawn on the server: text and marks in percent, paths in a stretched inner view box of 1000 by 100.
 * Where samples are further apart than {@code gap} the line is broken, never drawn through.
 */
public final class Chart {

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int TOP = 22;
    private static final int HEIGHT = 110;

    private final String name;
    private final String unit;
    private final Instant from;
    private final Instant to;
    private final Duration gap;
    private final List<List<Point>> lines = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private @Nullable Double limit;
    private String limitWord = "";

    /** One measured value. */
    public record Point(Instant time, double value) {}

    /** Something that happened, marked on the chart with the same shape as on the timeline. */
    public record Event(Instant time, String status, String title) {}

    /** One broken line: paths of its areas and of its strokes. */
    public record Series(List<String> areas, List<String> strokes, boolean second) {}

    /** A horizontal line with its value. */
    public record Tick(String place, String labelPlace, String text) {}

    /** A moment on the axis; the browser writes it in the reader's zone. */
    public record Moment(String place, String labelPlace, String text, Instant moment) {}

    /** An event's place in percent. */
    public record Marked(String x, String status, String title) {}

    public Chart(String name, String unit, Instant from, Instant to, Duration gap) {
        this.name = name;
        this.unit = unit;
        this.from = from;
        this.to = to;
        this.gap = gap;
    }

    /** Adds a line; the second one is dashed. */
    public <T> Chart line(List<T> samples, Function<T, Instant> time, ToDoubleFunction<T> value) {
        lines.add(samples.stream()
                .map(sample -> new Point(time.apply(sample), value.applyAsDouble(sample)))
                .toList());
        return this;
    }

    public Chart limit(double value, String word) {
        limit = value;
        limitWord = word;
        return this;
    }

    public Chart event(Event event) {
        events.add(event);
        return this;
    }

    public String name() {
        return name;
    }

    public String unit() {
        return unit;
    }

    /** The newest value, or that there is none. */
    public String read() {
        return lines.isEmpty() || lines.getFirst().isEmpty()
                ? "no data"
                : number(lines.getFirst().getLast().value());
    }

    /** The chart in words: its range and its newest value. */
    public String label() {
        if (lines.isEmpty() || lines.getFirst().isEmpty()) {
            return name + ": no data";
        }
        var values = lines.getFirst().stream().mapToDouble(Point::value).summaryStatistics();
        return name + " from " + CLOCK.format(from) + " to " + CLOCK.format(to) + " UTC: between "
                + number(values.getMin()) + " and " + number(values.getMax()) + " " + unit + ", now " + read()
                + (events.isEmpty()
                        ? ""
                        : ". "
                                + String.join(
                                        ", ", events.stream().map(Event::title).toList()));
    }

    public List<Tick> grid() {
        double top = top();
        return List.of(tick(0.5, top / 2), tick(1, top));
    }

    public List<Moment> times() {
        List<Moment> ticks = new ArrayList<>();
        Duration span = Duration.between(from, to);
        for (int i = 0; i <= 4; i++) {
            String anchor = i == 0 ? "start" : i == 4 ? "end" : "middle";
            Instant moment = from.plus(span.multipliedBy(i).dividedBy(4));
            ticks.add(new Moment(25 * i + "%", anchor, CLOCK.format(moment), moment));
        }
        return ticks;
    }

    public @Nullable Tick limitLine() {
        if (limit == null) {
            return null;
        }
        double y = TOP + HEIGHT * (1 - limit / top());
        return new Tick(decimal(y), decimal(y - 4), limitWord);
    }

    public List<Marked> marks() {
        return events.stream()
                .filter(event -> !event.time().isBefore(from) && !event.time().isAfter(to))
                .map(event -> new Marked(decimal(x(event.time()) / 10) + "%", event.status(), event.title()))
                .toList();
    }

    public List<Series> series() {
        List<Series> drawn = new ArrayList<>();
        for (List<Point> line : lines) {
            List<String> areas = new ArrayList<>();
            List<String> strokes = new ArrayList<>();
            for (List<Point> part : parts(line)) {
                String stroke = stroke(part);
                strokes.add(stroke);
                areas.add(stroke + "L" + decimal(x(part.getLast().time())) + " 100L"
                        + decimal(x(part.getFirst().time())) + " 100Z");
            }
            drawn.add(new Series(drawn.isEmpty() ? areas : List.of(), strokes, !drawn.isEmpty()));
        }
        return drawn;
    }

    /** A handful of rows of the first line, for those who cannot see the drawing. */
    public List<Point> table() {
        List<Point> line = lines.isEmpty() ? List.of() : lines.getFirst();
        int step = Math.max(1, line.size() / 12);
        List<Point> rows = new ArrayList<>();
        for (int i = 0; i < line.size(); i += step) {
            rows.add(line.get(i));
        }
        return rows;
    }

    public String number(double value) {
        return value >= 100 || value == Math.rint(value)
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
    }

    private List<List<Point>> parts(List<Point> line) {
        List<List<Point>> parts = new ArrayList<>();
        List<Point> part = new ArrayList<>();
        for (Point point : line) {
            if (point.time().isBefore(from) || point.time().isAfter(to)) {
                continue;
            }
            if (!part.isEmpty()
                    && Duration.between(part.getLast().time(), point.time()).compareTo(gap) > 0) {
                parts.add(part);
                part = new ArrayList<>();
            }
            part.add(point);
        }
        if (!part.isEmpty()) {
            parts.add(part);
        }
        return parts;
    }

    private String stroke(List<Point> part) {
        StringBuilder path = new StringBuilder();
        for (Point point : part) {
            path.append(path.isEmpty() ? 'M' : 'L')
                    .append(decimal(x(point.time())))
                    .append(' ')
                    .append(decimal(100 * (1 - point.value() / top())));
        }
        return path.toString();
    }

    private double x(Instant time) {
        double span = Math.max(1, Duration.between(from, to).toMillis());
        return Math.clamp(1000 * Duration.between(from, time).toMillis() / span, 0, 1000);
    }

    private Tick tick(double share, double value) {
        double y = TOP + HEIGHT * (1 - share);
        return new Tick(decimal(y), decimal(y - 4), number(value));
    }

    /** The next of 1, 2, 5 times a power of ten above everything drawn. */
    private double top() {
        double most = limit == null ? 0 : limit;
        for (List<Point> line : lines) {
            for (Point point : line) {
                most = Math.max(most, point.value());
            }
        }
        if (most <= 0) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(most)));
        for (double step : new double[] {1, 2, 5, 10}) {
            if (most <= step * power) {
                return step * power;
            }
        }
        return 10 * power;
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
