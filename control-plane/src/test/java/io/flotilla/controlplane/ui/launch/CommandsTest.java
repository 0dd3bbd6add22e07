package io.flotilla.controlplane.ui.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommandsTest {

    private static final LaunchForm FORM = LaunchForm.empty().with("image", "nginx");

    @Test
    void theCallHasTheProcessLimitAlsoWhenNothingElseIsLimited() {
        assertThat(Commands.call(FORM.with("pids", "32"), null)).contains("\"resources\": {\"pids\": 32}");
    }

    @Test
    void theCallEscapesControlCharacters() {
        assertThat(Commands.call(FORM.withEnv("A", "b\tc"), null)).contains("{\"A\": \"b\\u0009c\"}");
    }
}
