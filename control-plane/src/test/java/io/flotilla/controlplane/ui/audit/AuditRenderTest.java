package io.flotilla.controlplane.ui.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.page.Gallery;
import io.flotilla.controlplane.ui.part.Diff;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The audit log and recordings. */
class AuditRenderTest {

    private static final Instant NOW = Gallery.NOW;

    private final Gallery gallery = new Gallery();

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
                        List.of(new Diff.Row("memory", "1 GiB", "2 GiB")),
                        "1e77b0ac39d4",
                        "c40d91f7e2b8",
                        null,
                        "/audit?entry=48214",
                        "/audit",
                        "0199a3c2-0000-7000-8000-000000000001"),
                new AuditPage.Chain("verified", "The chain is whole, from entry 1 to 48,217", "Checked in 1.8 s."),
                null,
                "&q=actor:dev-3");
        assertThat(gallery.show("audit", Gallery.page("audit").with("audit", view)))
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
                        "recording",
                        Gallery.page("recording").with("nonce", "abc").with("recording", view)))
                .contains("data-cast=\"/api/v1/recordings/r1/cast\"", "The file is not as it was written", "/bin/sh");
    }
}
