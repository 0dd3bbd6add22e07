package io.flotilla.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UnifiedCoreTest {

    @Test
    void readsPressureWithAndWithoutTheFullLine() {
        CgroupStats.Pressure both = UnifiedCore.parse(List.of(
                "some avg10=1.50 avg60=0.20 avg300=0.10 total=123456",
                "full avg10=0.75 avg60=0.00 avg300=0.00 total=99"));
        assertThat(both).isEqualTo(new CgroupStats.Pressure(1.5, 0.2, 0.1, 123_456, 0.75, 99));
        assertThat(UnifiedCore.parse(List.of("some avg10=0.00 avg60=0.00 avg300=0.00 total=1"))
                        .fullMicros())
                .isZero();
    }
}
