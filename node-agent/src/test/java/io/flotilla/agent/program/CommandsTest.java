package io.flotilla.agent.program;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {

    @ParameterizedTest
    @ValueSource(strings = {"join", "run", "enrolled", "install", "purge"})
    void everyCommandExplainsItselfAndDoesNothingElse(String command) {
        assertThat(Commands.execute(command, "--help")).isZero();
    }
}
