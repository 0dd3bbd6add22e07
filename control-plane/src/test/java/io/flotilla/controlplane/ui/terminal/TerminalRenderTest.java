package io.flotilla.controlplane.ui.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.page.Gallery;
import org.junit.jupiter.api.Test;

/** The Terminal page. */
class TerminalRenderTest {

    private final Gallery gallery = new Gallery();

    @Test
    void terminalSaysWhereItIs() {
        var view =
                new TerminalPage("a1", "w1", "checkout-api", 4, "ams-04", "pending", "exec", "", "", true, "", false);
        assertThat(gallery.show(
                        "terminal",
                        Gallery.page("terminal").with("nonce", "abc").with("terminal", view)))
                .contains("data-socket=\"/allocations/a1/terminal/socket\"", "Its own process");
    }
}
