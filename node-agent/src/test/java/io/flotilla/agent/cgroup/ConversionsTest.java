package io.flotilla.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConversionsTest {

    @ParameterizedTest
    @CsvSource({"1,1", "2,1", "1024,100", "262144,10000", "9999999,10000"})
    void meetsTheEndsAndTheDefaults(long shares, long weight) {
        assertThat(Conversions.weight(shares)).isEqualTo(weight);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 10, 39, 100, 250, 1000, 5000, 10_000})
    void comesBackToTheSameWeight(long weight) {
        assertThat(Conversions.weight(Conversions.shares(weight))).isBetween(weight - 1, weight + 1);
    }

    @Test
    void growsWithTheShares() {
        for (long shares = 2; shares < 262_144; shares = shares * 3 / 2) {
            assertThat(Conversions.weight(shares)).isLessThanOrEqualTo(Conversions.weight(shares * 2));
        }
    }

    @Test
    void countsSwapWithoutMemory() {
        assertThat(Conversions.swap(300, 100)).isEqualTo(200);
        assertThat(Conversions.swap(100, 100)).isZero();
        assertThat(Conversions.swap(-1, 100)).isEqualTo(-1);
    }
}
