package io.flotilla.controlplane.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.protocol.Frame;
import org.junit.jupiter.api.Test;

class ScrollbackTest {

    private static final int PIECE = 1000;

    private final Scrollback kept = new Scrollback();

    private void add(int pieces) {
        for (int i = 0; i < pieces; i++) {
            kept.add(new Frame(Frame.Type.STDOUT, 1, new byte[PIECE]));
        }
    }

    @Test
    void knowsHowFarAReaderIsBehind() {
        add(3);
        assertThat(kept.lag(0)).isEqualTo(3 * PIECE);
        assertThat(kept.lag(2)).isEqualTo(PIECE);
        assertThat(kept.lag(3)).isZero();
        assertThat(kept.get(3)).isNull();
    }

    @Test
    void forgetsTheOldestAndNeverHoldsMoreThanItsLimit() {
        add(1000);
        assertThat(kept.next()).isEqualTo(1000);
        assertThat(kept.first()).isEqualTo(1000 - Scrollback.LIMIT / PIECE);
        assertThat(kept.get(kept.first() - 1)).isNull();
        assertThat(kept.lag(0)).isLessThanOrEqualTo(Scrollback.LIMIT);
    }

    @Test
    void anEmptyOneHasNothingToSay() {
        assertThat(kept.first()).isZero();
        assertThat(kept.get(0)).isNull();
        assertThat(kept.lag(0)).isZero();
    }
}
