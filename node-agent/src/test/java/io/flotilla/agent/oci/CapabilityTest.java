package io.flotilla.agent.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.protocol.Capabilities;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CapabilityTest {

    @Test
    void isKnownByTheSameNamesToThoseWhoCheckRequests() {
        assertThat(Arrays.stream(Capability.values()).map(Enum::name))
                .containsExactlyInAnyOrderElementsOf(Capabilities.NAMES);
    }
}
