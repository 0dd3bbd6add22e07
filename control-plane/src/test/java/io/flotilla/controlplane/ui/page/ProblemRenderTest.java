package io.flotilla.controlplane.ui.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The page about a problem. */
class ProblemRenderTest {

    private final Gallery gallery = new Gallery();

    @Test
    void aProblemSaysWhatToDoNext() {
        assertThat(gallery.show(
                        "problem",
                        Gallery.page("problem")
                                .with("tone", "warn")
                                .with("heading", "You cannot see this")
                                .with("why", "It needs the role operator.")
                                .with("next", "/")
                                .with("nextWord", "To the fleet")))
                .contains("It needs the role operator.");
    }
}
