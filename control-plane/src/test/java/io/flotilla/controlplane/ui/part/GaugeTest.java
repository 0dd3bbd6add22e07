package io.flotilla.controlplane.ui.part;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.flotilla.controlplane.ui.part.Gauge.Block;
import io.flotilla.controlplane.ui.part.Gauge.Unit;
import java.util.List;
import org.junit.jupiter.api.Test;

class GaugeTest {

    @Test
    void setsBlocksApartUnlessTheyWouldBeNothingButLine() {
        List<Block> blocks = List.of(new Block("web 1", 500, 100L), new Block("tiny 1", 10, 10L));
        assertThat(new Gauge("CPU", Unit.MILLI_CPU, 2000, 510, 110L, blocks).drawn())
                .extracting(Gauge.Drawn::x, Gauge.Drawn::edged, Gauge.Drawn::tone)
                .containsExactly(tuple("0.0%", true, "used"), tuple("25.0%", false, "near"));
    }
}
