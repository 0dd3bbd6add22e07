package io.flotilla.agent.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.flotilla.agent.plan.Specs;
import io.flotilla.protocol.NodeSpec;
import io.flotilla.protocol.NodeSpec.Order;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {

    @TempDir
    Path dir;

    private Ledger ledger;

    @BeforeEach
    void open() throws IOException {
        ledger = Ledger.open(dir.resolve("ledger"));
    }

    @Test
    void startsEmpty() {
        assertThat(ledger.current()).isEqualTo(new NodeSpec(0, 0, List.of()));
    }

    @Test
    void keepsWhatItAcceptedAcrossARestart() throws IOException {
        NodeSpec spec = spec(1, 5);
        assertThat(ledger.accept(spec)).isEmpty();
        assertThat(Ledger.open(dir.resolve("ledger")).current()).isEqualTo(spec);
    }

    @Test
    void refusesAnOlderGenerationAndAnOlderIncarnation() throws IOException {
        ledger.accept(spec(2, 5));
        assertThat(ledger.accept(spec(2, 4)))
                .hasValueSatisfying(why -> assertThat(why).contains("generation 5 of incarnation 2", "generation 4"));
        assertThat(ledger.accept(spec(1, 9))).isPresent();
        assertThat(ledger.current()).isEqualTo(spec(2, 5));
    }

    @Test
    void acceptsALowerGenerationOfAHigherIncarnation() throws IOException {
        ledger.accept(spec(1, 5));
        assertThat(ledger.accept(spec(2, 1))).isEmpty();
    }

    @Test
    void takesTheSameSpecTwiceButNotTheSameGenerationWithOtherContent() throws IOException {
        ledger.accept(spec(1, 5));
        assertThat(ledger.accept(spec(1, 5))).isEmpty();
        assertThat(ledger.accept(new NodeSpec(1, 5, List.of())))
                .hasValueSatisfying(why -> assertThat(why).contains("other content"));
    }

    @Test
    void saysSoWhenItsFileIsDamagedInsteadOfStartingEmpty() throws IOException {
        Files.writeString(dir.resolve("ledger"), "{\"incarn");
        assertThatIOException()
                .isThrownBy(() -> Ledger.open(dir.resolve("ledger")))
                .withMessageContaining("cannot be read");
    }

    private static NodeSpec spec(long incarnation, long generation) {
        return new NodeSpec(incarnation, generation, List.of(new Order.Stop(Specs.id(1))));
    }
}
