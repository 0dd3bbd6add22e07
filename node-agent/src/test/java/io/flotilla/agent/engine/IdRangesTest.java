package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class IdRangesTest {

    private static final String NODE = "0badcafe";
    private static final int ALL = 0x6000;

    @Test
    void givesEachAllocationARangeOfItsOwnAndAlwaysTheSame() throws IOException {
        IdRanges ranges = new IdRanges(Map.of(), NODE);
        Set<Long> bases = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            UUID allocation = UUID.randomUUID();
            long base = ranges.take(allocation);
            assertThat(base % IdRanges.SIZE).isZero();
            assertThat(base).isBetween(0x10000000L, 0x6FFF0000L);
            assertThat(ranges.take(allocation)).isEqualTo(base);
            assertThat(bases.add(base)).isTrue();
        }
    }

    @Test
    void takesARangeFromTheOwnerOfTheTreeThatAnEarlierAgentMade() throws IOException {
        UUID allocation = UUID.randomUUID();
        long base = new IdRanges(Map.of(), NODE).take(allocation);
        IdRanges next = new IdRanges(Map.of(allocation, base), NODE);
        assertThat(next.find(allocation)).hasValue(base);
        assertThat(next.take(UUID.randomUUID())).isNotEqualTo(base);
    }

    @Test
    void countsNoRangeForATreeOfTheHostsOwnRoot() {
        UUID allocation = UUID.randomUUID();
        assertThat(new IdRanges(Map.of(allocation, 0L), NODE).find(allocation)).isEmpty();
    }

    @Test
    void refusesWhenAllAreTakenAndGivesTheOneThatWasGivenBack() throws IOException {
        Map<UUID, Long> owners = new HashMap<>();
        for (int slot = 0; slot < ALL; slot++) {
            owners.put(UUID.randomUUID(), 0x10000000L + slot * IdRanges.SIZE);
        }
        IdRanges full = new IdRanges(owners, NODE);
        assertThatThrownBy(() -> full.take(UUID.randomUUID()))
                .isInstanceOf(IOException.class)
                .hasMessage("all " + ALL + " id ranges of this node are taken");
        Map.Entry<UUID, Long> one = owners.entrySet().iterator().next();
        full.release(one.getKey());
        full.release(one.getKey());
        assertThat(full.find(one.getKey())).isEmpty();
        assertThat(full.take(UUID.randomUUID())).isEqualTo(one.getValue());
    }
}
