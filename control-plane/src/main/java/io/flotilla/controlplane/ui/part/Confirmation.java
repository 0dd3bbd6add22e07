package io.flotilla.controlplane.ui.part;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A question before something that stops service or loses data: what it will do, and a button that repeats the number.
 *
 * @param action where the form posts
 * @param hidden further values of the form
 * @param typed what has to be typed first; null where nothing is lost
 * @param back where Cancel leads without scripts
 */
public record Confirmation(
        String title,
        List<Line> impact,
        @Nullable String text,
        String action,
        Map<String, List<String>> hidden,
        @Nullable String typed,
        boolean danger,
        String button,
        String back) {

    /** One consequence. */
    public record Line(String status, String text) {}
}
