package io.flotilla.controlplane.ui.live;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a rendered page that change while it is looked at: every element with {@code data-live} and an
 * {@code id}. Regions nest; of two renderings only the smallest differing regions are sent, so that focus, selection and
 * scroll positions elsewhere stay untouched.
 *
 * <p>Ages ({@code data-age}) count on in the browser, so their text is no difference.
 */
final class LiveRegions {

    private static final Set<String> VOID = Set.of(
            "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr");
    private static final Pattern LIVE = Pattern.compile("\\sdata-live(?:=|\\s|>|/|$)");
    private static final Pattern ID = Pattern.compile("\\sid=\"([^\"]+)\"");
    private static final Pattern AGE = Pattern.compile("(<time[^>]*\\sdata-age[^>]*>)[^<]*");

    private final Map<String, Region> regions;

    private LiveRegions(Map<String, Region> regions) {
        this.regions = regions;
    }

    /** One region: its markup, and its markup with the regions inside it left out. */
    private record Region(String id, String html, String own, List<String> children, boolean nested) {}

    /** Reads well-formed HTML as Thymeleaf writes it; throws if a region is not closed. */
    static LiveRegions of(String html) {
        return new LiveRegions(new Scanner(html).scan());
    }

    /** The smallest regions of {@code this} that differ from {@code before}, in page order. */
    List<Change> since(LiveRegions before) {
        List<Change> changes = new ArrayList<>();
        for (Region region : regions.values()) {
            if (!region.nested()) {
                collect(region, before, changes);
            }
        }
        return changes;
    }

    private void collect(Region region, LiveRegions before, List<Change> changes) {
        Region old = before.regions.get(region.id());
        if (old == null || !old.own().equals(region.own())) {
            changes.add(new Change(region.id(), region.html()));
            return;
        }
        for (String child : region.children()) {
            Region inner = regions.get(child);
            if (inner != null) {
                collect(inner, before, changes);
            }
        }
    }

    /** The markup of every region without those inside it and without the text of ages: equal for equal pages. */
    List<String> text() {
        return regions.values().stream().map(Region::own).toList();
    }

    /** A region to be put in place of the element with its id. */
    record Change(String id, String html) {}

    private static final class Scanner {

        private final String html;
        private final Map<String, Region> found = new LinkedHashMap<>();
        private final Deque<Open> open = new ArrayDeque<>();

        Scanner(String html) {
            this.html = html;
        }

        /** An element that is not closed yet; {@code id} is null unless it is a region. */
        private static final class Open {
            final String name;
            final int start;
            final @Nullable String id;
            final List<int[]> holes = new ArrayList<>();
            final List<String> children = new ArrayList<>();

            Open(String name, int start, @Nullable String id) {
                this.name = name;
                this.start = start;
                this.id = id;
            }
        }

        Map<String, Region> scan() {
            int at = html.indexOf('<');
            while (at >= 0) {
                int next = html.startsWith("<!", at) ? skip(at) : tag(at);
                at = html.indexOf('<', next);
            }
            if (open.stream().anyMatch(element -> element.id != null)) {
                throw new IllegalStateException("live region not closed: #" + open.getLast().id);
            }
            return found;
        }

        private int skip(int at) {
            String end = html.startsWith("<!--", at) ? "-->" : ">";
            int close = html.indexOf(end, at);
            return close < 0 ? html.length() : close + end.length();
        }

        private int tag(int at) {
            int end = endOfTag(at);
            String text = html.substring(at, end);
            String name = nameOf(text);
            if (text.startsWith("</")) {
                close(name, end);
            } else if (!text.endsWith("/>") && !VOID.contains(name)) {
                open.push(new Open(name, at, regionId(text)));
            }
            return end;
        }

        private int endOfTag(int at) {
            char quote = 0;
            for (int i = at + 1; i < html.length(); i++) {
                char c = html.charAt(i);
                if (quote != 0) {
                    quote = c == quote ? 0 : quote;
                } else if (c == '"' || c == '\'') {
                    quote = c;
                } else if (c == '>') {
                    return i + 1;
                }
            }
            return html.length();
        }

        private static String nameOf(String tag) {
            int from = tag.startsWith("</") ? 2 : 1;
            int to = from;
            while (to < tag.length() && (Character.isLetterOrDigit(tag.charAt(to)) || tag.charAt(to) == '-')) {
                to++;
            }
            return tag.substring(from, to);
        }

        private static @Nullable String regionId(String tag) {
            if (!LIVE.matcher(tag).find()) {
                return null;
            }
            var id = ID.matcher(tag);
            return id.find() ? id.group(1) : null;
        }

        private void close(String name, int end) {
            while (!open.isEmpty()) {
                Open element = open.pop();
                if (element.id != null) {
                    region(element, end);
                }
                if (element.name.equals(name)) {
                    return;
                }
            }
        }

        private void region(Open element, int end) {
            String id = Objects.requireNonNull(element.id);
            StringBuilder own = new StringBuilder();
            int from = element.start;
            for (int[] hole : element.holes) {
                own.append(html, from, hole[0]).append('\0');
                from = hole[1];
            }
            own.append(html, from, end);
            for (String child : element.children) {
                own.append('\0').append(child);
            }
            Open parent =
                    open.stream().filter(outer -> outer.id != null).findFirst().orElse(null);
            if (parent != null) {
                parent.holes.add(new int[] {element.start, end});
                parent.children.add(id);
            }
            found.put(
                    id,
                    new Region(
                            id,
                            html.substring(element.start, end),
                            AGE.matcher(own).replaceAll("$1"),
                            List.copyOf(element.children),
                            parent != null));
        }
    }
}
