package io.flotilla.agent.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProfileReaderTest {

    @Test
    void joinsIndentedLinesToTheRuleAboveThem() {
        Profile profile = ProfileReader.read("# c\ndefault errno EPERM\nallow a b\n  c\n\nerrno ENOSYS d\n");
        assertThat(profile.rules().getFirst().calls()).containsExactly("a", "b", "c");
        assertThat(profile.rules().getLast().errno()).isEqualTo("ENOSYS");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permit read",
                "allow",
                "errno EMOON read",
                "allow read where arg0 near 1",
                "allow read where argx is 1",
                "allow read where arg0 masked 3 of 1",
                "allow read since 5"
            })
    void quotesTheRuleThatItCannotRead(String rule) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProfileReader.read("default errno EPERM\n" + rule))
                .withMessageContaining(rule);
    }

    @Test
    void refusesAProfileWithoutADefault() {
        assertThatIllegalArgumentException().isThrownBy(() -> ProfileReader.read("allow read"));
    }

    @Test
    void readsKernelReleasesOfAllKinds() {
        assertThat(Host.parse("amd64", "6.1.0-28-cloud-amd64")).isEqualTo(new Host("amd64", 6, 1));
        assertThat(Host.parse("amd64", "5.15").since(5, 15)).isTrue();
        assertThat(Host.parse("amd64", "5.15").since(6, 0)).isFalse();
    }
}
