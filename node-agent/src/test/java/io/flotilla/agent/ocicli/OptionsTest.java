package io.flotilla.agent.ocicli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {

    @Test
    void readsOptionsInEveryFormThatTheRuntimesTake() throws Refused {
        Options options = Options.parse(
                List.of("--bundle", "/b", "-env=A=1", "-e", "B=2", "box", "--force", "--", "--not-one"),
                "bundle,b=",
                "env,e=",
                "force,f",
                "quiet");
        assertThat(options.value("bundle")).isEqualTo("/b");
        assertThat(options.all("env")).containsExactly("A=1", "B=2");
        assertThat(options.has("force")).isTrue();
        assertThat(options.has("quiet")).isFalse();
        assertThat(options.operands()).containsExactly("box", "--not-one");
    }

    @Test
    void leavesWhatFollowsTheFirstOperandToTheProgram() throws Refused {
        Options options = Options.parseUpToOperand(List.of("-t", "box", "ls", "-l"), "tty,t");
        assertThat(options.operands()).containsExactly("box", "ls", "-l");
    }

    @Test
    void namesAnOptionThatIsUnknownOrIncomplete() {
        assertThatThrownBy(() -> Options.parse(List.of("--colour"), "bundle,b="))
                .hasMessage("flag provided but not defined: -colour");
        assertThatThrownBy(() -> Options.parse(List.of("--bundle"), "bundle,b="))
                .hasMessage("flag needs an argument: -bundle");
        assertThatThrownBy(() -> Options.parse(List.of("--preserve-fds=x"), "preserve-fds=")
                        .count("preserve-fds"))
                .hasMessageContaining("preserve-fds")
                .hasMessageContaining("\"x\"");
    }
}
