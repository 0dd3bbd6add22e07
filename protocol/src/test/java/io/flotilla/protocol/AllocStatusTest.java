package io.flotilla.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AllocStatusTest {

    @ParameterizedTest
    @EnumSource(AllocStatus.class)
    void aFinalStatusIsNeverLeft(AllocStatus status) {
        for (AllocStatus next : AllocStatus.values()) {
            if (status.isFinal()) {
                assertThat(status.mayBecome(next)).isEqualTo(next == status);
            } else if (status != AllocStatus.PENDING) {
                assertThat(status.mayBecome(next)).isEqualTo(next != AllocStatus.PENDING && next != AllocStatus.PLACED);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AllocStatus.class)
    void itsWordIsTheJsonName(AllocStatus status) {
        assertThat(Codec.encode(status)).isEqualTo("\"" + status.word() + "\"");
        assertThat(AllocStatus.of(status.word())).isEqualTo(status);
    }
}
