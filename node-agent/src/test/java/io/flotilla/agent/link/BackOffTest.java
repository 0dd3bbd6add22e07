package io.flotilla.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackOffTest {

    private final BackOff backOff = new BackOff(new Random(20261124));

    private void assertNext(long mostMillis) {
        assertThat(backOff.next(false)).isBetween(Duration.ofMillis(mostMillis / 2), Duration.ofMillis(mostMillis));
    }

    @Test
    void doublesUpToFiveSecondsAndBeginsAnewAfterALongSession() {
        for (long most : new long[] {200, 400, 800, 1600, 3200, 5000, 5000, 5000}) {
            assertNext(most);
        }
        backOff.reset();
        assertNext(200);
    }

    @Test
    void waitsLongWhenAPersonHasToDoSomethingFirst() {
        assertThat(backOff.next(true)).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30));
    }

    @Test
    void neverOverflowsHoweverLongTheControlPlaneIsAway() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(backOff.next(false)).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(5));
        }
    }

    @Test
    void spreadsAFleetThatLostItsControlPlane() {
        Random random = new Random(1);
        long different = java.util.stream.IntStream.range(0, 100)
                .mapToObj(i -> new BackOff(random).next(false))
                .distinct()
                .count();
        assertThat(different).isGreaterThan(50);
    }
}
