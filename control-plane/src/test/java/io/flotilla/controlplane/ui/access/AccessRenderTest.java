package io.flotilla.controlplane.ui.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.page.Gallery;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.part.Gauge.Unit;
import io.flotilla.controlplane.ui.part.QuotaLine;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The pages about people. */
class AccessRenderTest {

    private static final Instant NOW = Gallery.NOW;

    private final Gallery gallery = new Gallery();

    @Test
    void loginKeepsTheNameAndSaysWhatWasWrong() {
        String html = gallery.show(
                "login",
                Page.of("login")
                        .with("frame", Gallery.frame(null))
                        .with("username", "ops-1")
                        .with("refused", "Name or password is wrong."));
        assertThat(html)
                .contains("value=\"ops-1\"", "Name or password is wrong.", "name=\"_csrf\" value=\"csrf-token\"");
    }

    @Test
    void setupAsksForTheToken() {
        assertThat(gallery.show("setup", Page.of("setup").with("frame", Gallery.frame(null))))
                .contains("id=\"token\"", "At least 8 characters");
    }

    @Test
    void teamsAndUsersOfferTheirForms() {
        var teams = new TeamsPage(
                List.of(new TeamsPage.Row(
                        "t1",
                        "payments",
                        List.of(new QuotaLine("CPU", Unit.MILLI_CPU, 1000, 0, 4000L)),
                        List.of("dev-3"))),
                new TeamsPage.Form("t1", "payments", "4", "8Gi", "", "", List.of(new TeamsPage.Member("u1", "dev-3"))),
                List.of("dev-3", "dev-5"),
                true);
        assertThat(gallery.show("teams", Gallery.page("teams").with("teams", teams)))
                .contains("action=\"/teams/t1\"", "Remove dev-3");
        var users = new UsersPage(
                List.of(
                        new UsersPage.Row("u1", "ops-1", "admin", List.of(), false, NOW, true),
                        new UsersPage.Row("u2", "dev-3", "member", List.of("payments"), true, null, false)),
                new UsersPage.Form("", "member"),
                true);
        assertThat(gallery.show("users", Gallery.page("users").with("users", users)))
                .contains("Disabled", "Role of dev-3");
    }

    @Test
    void aNewTokenIsShownOnceAndSaysSo() {
        var tokens = new TokensPage(
                List.of(new TokensPage.Row("k1", "ci", "ops-1", "read", NOW, null, true)),
                new TokensPage.Form("", "read", "", "30"),
                new TokensPage.Made("ci", "flt_secret"),
                List.of("payments"));
        assertThat(gallery.show("tokens", Gallery.page("tokens").with("tokens", tokens)))
                .contains("flt_secret", "shown this once", "Revoke ci");
    }
}
