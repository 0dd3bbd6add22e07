package io.flotilla.controlplane.ui.search;

import java.util.List;

/** What the search over everything finds. */
public record SearchPage(String q, List<Group> groups) {

    /** Hits of one kind. */
    public record Group(String title, List<Hit> hits) {}

    /** One hit. */
    public record Hit(String href, String status, String name, String end) {}
}
