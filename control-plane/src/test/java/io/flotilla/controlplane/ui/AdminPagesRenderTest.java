package io.flotilla.controlplane.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.Gauge.Unit;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The pages about nodes, images, people and the audit log. */
class AdminPagesRenderTest {

    private static final Instant NOW = Gallery.NOW;

    private final Gallery gallery = new Gallery();

    @Test
    void nodeShowsTheCommandThatMendsAFailedCheck() {
        Gauge memory = new Gauge(
                "Memory",
                Unit.BYTES,
                31L << 30,
                20L << 30,
                14L << 30,
                List.of(new Gauge.Block("cart 1", 20L << 30, 1L << 30)));
        var view = new NodePage(
                "n1",
                "ams-03",
                "online",
                "Online",
                NOW.minusMillis(200),
                List.of("zone=b"),
                "8 CPU, 32 GiB. Runs 1 container.",
                new NodePage.Why("warn", "The clock is 4.2 s behind", "Times of events from this node are off."),
                List.of(
                        new NodePage.Check("pass", "kernel", "6.12.57, every feature is there", null),
                        new NodePage.Check("warn", "clock", "4.2 s behind", "sudo timedatectl set-ntp true")),
                List.of(new NodePage.Row(
                        "a1",
                        "w1",
                        "cart",
                        1,
                        "running",
                        "Running",
                        "payments",
                        3,
                        "1 GiB",
                        "0.1",
                        NOW.minusSeconds(60))),
                List.of(),
                memory,
                Gauge.plain("CPU", Unit.MILLI_CPU, 7500, 4800, 2500L),
                List.of(),
                List.of(new NodePage.Fact("Kernel", "6.12.57", false)),
                List.of(EventLine.of(NOW.minusSeconds(5), "online", "Connected", "From 192.0.2.23.")),
                List.of(new NodePage.Action("drain", "drain", "Drain", false)));
        assertThat(gallery.show("node", page("node").with("live", true).with("node", view)))
                .contains("sudo timedatectl set-ntp true", "/nodes/n1?confirm=drain", "cart 1: 1 GiB of 20 GiB");
    }

    @Test
    void imagesShowHowFarALayerIs() {
        var view = new ImagesPage(
                List.of(new ImagesPage.Row(
                        "flotilla/sample:latest", "sha256:12ab", List.of("linux/amd64"), "1.2 MB", NOW, true)),
                List.of(new ImagesPage.Transfer(
                        "t1",
                        "working",
                        "Pulling debian:12",
                        "8.1 of 25.4 MB",
                        List.of(new WorkloadPage.Layer("working", "c07e1b9d22f4", 81, 254, "8.1 of 25.4 MB")))),
                true);
        assertThat(gallery.show("images", page("images").with("images", view)))
                .contains("flotilla/sample:latest", "8.1 of 25.4 MB", "data-to=\"/api/v1/images\"");
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
        assertThat(gallery.show("teams", page("teams").with("teams", teams)))
                .contains("action=\"/teams/t1\"", "Remove dev-3");
        var users = new UsersPage(
                List.of(
                        new UsersPage.Row("u1", "ops-1", "admin", List.of(), false, NOW, true),
                        new UsersPage.Row("u2", "dev-3", "member", List.of("payments"), true, null, false)),
                new UsersPage.Form("", "member"),
                true);
        assertThat(gallery.show("users", page("users").with("users", users))).contains("Disabled", "Role of dev-3");
    }

    @Test
    void auditShowsBeforeAndAfter() {
        var view = new AuditPage(
                "actor:dev-3",
                List.of(new AuditPage.Chip("actor", "dev-3", "/audit")),
                List.of(new AuditPage.Row(
                        48_215,
                        NOW,
                        "dev-3",
                        "workload.change",
                        "checkout-api",
                        "5 fields",
                        "payments",
                        true,
                        "192.0.2.1",
                        "/audit?entry=48215",
                        true)),
                "/audit?before=48215",
                null,
                new AuditPage.Entry(
                        48_215,
                        "workload.change",
                        List.of(new AuditPage.Fact("Actor", "dev-3", false)),
                        List.of(new WorkloadPage.Diff.Row("memory", "1 GiB", "2 GiB")),
                        "1e77b0ac39d4",
                        "c40d91f7e2b8",
                        null,
                        "/audit?entry=48214",
                        "/audit",
                        "0199a3c2-0000-7000-8000-000000000001"),
                new AuditPage.Chain("verified", "The chain is whole, from entry 1 to 48,217", "Checked in 1.8 s."),
                null,
                "&q=actor:dev-3");
        assertThat(gallery.show("audit", page("audit").with("audit", view)))
                .contains("Entry 48,215", "<del>1 GiB</del>", "<ins>2 GiB</ins>", "refused", "The chain is whole")
                .contains("href=\"/recordings/0199a3c2-0000-7000-8000-000000000001\"");
    }

    @Test
    void aRecordingThatWasChangedIsNotToBeTrusted() {
        var view = new RecordingPage(
                "r1",
                "dev-3",
                "cart 1",
                true,
                "fail",
                "The file is not as it was written",
                "Do not trust what it shows.",
                List.of(new AuditPage.Fact("Command", "/bin/sh", true)));
        assertThat(gallery.show(
                        "recording", page("recording").with("nonce", "abc").with("recording", view)))
                .contains("data-cast=\"/api/v1/recordings/r1/cast\"", "The file is not as it was written", "/bin/sh");
    }

    @Test
    void secretsAreShownOnceAndSaySo() {
        var join = new JoinPage(
                "flotilla-agent join https://fleet.example.net --token flj_1 --fingerprint sha256:5f1c",
                "j1",
                NOW.plusSeconds(3600),
                List.of(
                        new JoinPage.Step("pass", "Token used", "By 203.0.113.24, once.", NOW, List.of()),
                        new JoinPage.Step(
                                "fail",
                                "Preflight",
                                "1 check fails.",
                                null,
                                List.of(new NodePage.Check("fail", "clock", "4.2 s behind", "timedatectl")))),
                "http://localhost:8080",
                null);
        assertThat(gallery.show("join", page("join").with("live", true).with("join", join)))
                .contains("It is shown this once", "Token used", "timedatectl");
        var tokens = new TokensPage(
                List.of(new TokensPage.Row("k1", "ci", "ops-1", "read", NOW, null, true)),
                new TokensPage.Form("", "read", "", "30"),
                new TokensPage.Made("ci", "flt_secret"),
                List.of("payments"));
        assertThat(gallery.show("tokens", page("tokens").with("tokens", tokens)))
                .contains("flt_secret", "shown this once", "Revoke ci");
    }

    @Test
    void searchAndProblemsSayWhatToDoNext() {
        var found = new SearchPage(
                "check",
                List.of(new SearchPage.Group(
                        "Workloads",
                        List.of(new SearchPage.Hit("/workloads/w1", "running", "checkout-api", "payments")))));
        assertThat(gallery.show("search", page("search").with("found", found))).contains("checkout-api");
        assertThat(gallery.show(
                        "problem",
                        page("problem")
                                .with("tone", "warn")
                                .with("heading", "You cannot see this")
                                .with("why", "It needs the role operator.")
                                .with("next", "/")
                                .with("nextWord", "To the fleet")))
                .contains("It needs the role operator.");
    }

    private static Page page(String template) {
        return Page.of(template).with("frame", Gallery.frame("ops-1"));
    }
}
