package io.flotilla.controlplane.ui.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PortAddressTest {

    @Test
    void portsOfThisMachineAreOpenedOnTheLoopback() {
        assertThat(PortAddress.of(List.of("127.0.0.1"))).isEqualTo("127.0.0.1");
        assertThat(PortAddress.of(List.of())).isEqualTo("127.0.0.1");
    }

    @Test
    void portsOfAnotherHostAreOpenedAtItsAddress() {
        assertThat(PortAddress.of(List.of("2001:db8::7", "192.0.2.7"))).isEqualTo("192.0.2.7");
        assertThat(PortAddress.of(List.of("2001:db8::7"))).isEqualTo("[2001:db8::7]");
    }

    @Test
    void whatIsNoAddressIsNotTakenForOurs() {
        assertThat(PortAddress.of(List.of("host.example"))).isEqualTo("host.example");
    }
}
