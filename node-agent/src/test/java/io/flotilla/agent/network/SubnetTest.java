package io.flotilla.agent.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubnetTest {

    @Test
    void sameNodeGetsTheSameSubnet() throws Exception {
        Subnet first = Subnet.choose("0ae1c0de", List.of());
        assertThat(Subnet.choose("0ae1c0de", List.of())).isEqualTo(first);
        assertThat(first.prefix()).isEqualTo(22);
        assertThat(Subnet.parse("10.128.0.0/9").contains(first.network())).isTrue();
    }

    @Test
    void nodesGetDifferentSubnets() throws Exception {
        Set<Subnet> subnets = new HashSet<>();
        for (int node = 0; node < 100; node++) {
            subnets.add(Subnet.choose("%08x".formatted(node), List.of()));
        }
        assertThat(subnets).hasSizeGreaterThan(95);
    }

    @Test
    void chosenSubnetOverlapsNothingInUse() throws Exception {
        Subnet first = Subnet.choose("0ae1c0de", List.of());
        Subnet second = Subnet.choose("0ae1c0de", List.of(new Subnet(first.address(77), 30)));
        Subnet third = Subnet.choose("0ae1c0de", List.of(new Subnet(first.network(), 10), second));
        assertThat(second.overlaps(first)).isFalse();
        assertThat(third.overlaps(new Subnet(first.network(), 10))).isFalse();
    }

    @Test
    void saysSoWhenTheHostUsesEverything() {
        assertThatThrownBy(() -> Subnet.choose("0ae1c0de", List.of(Subnet.parse("10.0.0.0/8"))))
                .isInstanceOf(NetworkException.class)
                .hasMessageContaining("no free subnet");
    }

    @Test
    void knowsItsAddresses() {
        Subnet subnet = Subnet.parse("10.1.2.77/29");
        assertThat(subnet).hasToString("10.1.2.72/29");
        assertThat(subnet.gateway()).hasToString("10.1.2.73");
        assertThat(subnet.broadcast()).hasToString("10.1.2.79");
        assertThat(subnet.capacity()).isEqualTo(5);
        assertThat(subnet.indexOf(Ipv4.parse("10.1.2.75"))).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.256/8", "host/8", "10.0.0.0/-1", "10.0.0.0/ 8"})
    void refusesWhatIsNoSubnet(String text) {
        assertThatThrownBy(() -> Subnet.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void addressRestsAsLongAsPossibleBeforeItIsGivenOutAgain() throws Exception {
        var pool = new AddressPool(Subnet.parse("10.0.0.0/29"), List.of(Ipv4.parse("10.0.0.3")));
        assertThat(pool.allocate()).hasToString("10.0.0.4");
        pool.free(Ipv4.parse("10.0.0.4"));
        assertThat(pool.allocate()).hasToString("10.0.0.5");
        assertThat(pool.allocate()).hasToString("10.0.0.6");
        assertThat(pool.allocate()).hasToString("10.0.0.2");
        assertThat(pool.allocate()).hasToString("10.0.0.4");
        assertThatThrownBy(pool::allocate).hasMessage("no free address: all 5 of 10.0.0.0/29 are in use");
    }
}
