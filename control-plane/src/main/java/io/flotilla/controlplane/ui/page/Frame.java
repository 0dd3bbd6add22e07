package io.flotilla.controlplane.ui.page;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What surrounds every page.
 *
 * @param account who looks; null before signing in
 * @param role the account's role in words
 * @param team the team the address is restricted to; null for all
 * @param allowed what the account may do, by a word each; a page offers nothing else
 * @param csrf the token that every form posts back
 * @param theme {@code light} or {@code dark} if chosen, null to follow the system
 */
public record Frame(
        @Nullable String account,
        @Nullable String role,
        List<String> teams,
        @Nullable String team,
        Set<String> allowed,
        List<List<Entry>> navigation,
        @Nullable Notice notice,
        @Nullable String csrf,
        @Nullable String theme,
        String host,
        String version) {

    /** One line of the navigation; {@code g} and the key go there. */
    public record Entry(String name, String href, String icon, String key, boolean current) {}

    /** Something about the installation that concerns every page. */
    public record Notice(String status, String title, String text) {}

    /** Whether there is a choice between teams to offer. */
    public boolean choosesTeam() {
        return account != null && teams.size() > 1;
    }

    public boolean may(String what) {
        return allowed.contains(what);
    }
}
