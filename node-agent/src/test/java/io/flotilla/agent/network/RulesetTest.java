package io.flotilla.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.agent.network.Ruleset.Publication;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RulesetTest {

    private static final Subnet SUBNET = Subnet.parse("10.1.2.0/24");

    private static Ruleset ruleset(List<String> unrouted, Optional<Ipv4> resolver, List<Publication> published) {
        return new Ruleset("flotilla_0ae1c0de", "fl-0ae1c0de", SUBNET, unrouted, resolver, published);
    }

    @Test
    void replacesTheTableInOneTransaction() {
        String script = ruleset(List.of(), Optional.empty(), List.of()).script();
        assertThat(script)
                .startsWith(Ruleset.removal("flotilla_0ae1c0de") + "table ip flotilla_0ae1c0de {\n")
                .doesNotContain("$")
                .doesNotContain("elements")
                .doesNotContain("dport 53");
    }

    @Test
    void dropsLoopbackAndForeignSourcesThatComeByTheBridge() {
        assertThat(ruleset(List.of(), Optional.empty(), List.of()).script())
                .contains("iifname \"fl-0ae1c0de\" ip daddr 127.0.0.0/8 drop")
                .contains("iifname \"fl-0ae1c0de\" ip saddr != 10.1.2.0/24 drop");
    }

    @Test
    void listsWhatIsPublishedByNumberOfProtocol() {
        var published = List.of(
                new Publication(6, 18081, Ipv4.parse("10.1.2.3"), 8080),
                new Publication(17, 53, Ipv4.parse("10.1.2.4"), 53));
        assertThat(ruleset(List.of("eth0", "eth1"), Optional.empty(), published).script())
                .contains("elements = { 6 . 18081 : 10.1.2.3 . 8080, 17 . 53 : 10.1.2.4 . 53 }")
                .contains("elements = { \"eth0\", \"eth1\" }");
    }

    @Test
    void leadsTheGatewaysResolverPortToLoopback() {
        assertThat(ruleset(List.of(), Optional.of(Ipv4.parse("127.0.0.53")), List.of())
                        .script())
                .contains("ip daddr 10.1.2.1 meta l4proto { tcp, udp } th dport 53 dnat to 127.0.0.53");
    }
}
