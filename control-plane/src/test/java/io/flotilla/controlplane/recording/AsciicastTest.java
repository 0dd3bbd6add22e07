package io.flotilla.controlplane.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AsciicastTest {

    private static final long SECOND = 1_000_000_000;

    private final Asciicast cast = new Asciicast();

    private static String text(byte[] line) {
        return new String(line, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void theHeaderSaysSizeTimeAndCommand() {
        Instant start = Instant.parse("2026-11-24T10:00:00Z");
        assertThat(text(Asciicast.header(80, 24, start, "ops-1 in web 1", List.of("/bin/sh", "-l"))))
                .isEqualTo(
                        "{\"version\":2,\"width\":80,\"height\":24,\"timestamp\":1795514400,"
                                + "\"title\":\"ops-1 in web 1\",\"command\":\"/bin/sh -l\",\"env\":{\"TERM\":\"xterm-256color\"}}\n");
    }

    @Test
    void eventsCarrySecondsAndControlCharactersAreEscaped() {
        assertThat(text(Objects.requireNonNull(cast.output(SECOND * 3 / 2, bytes("a\u001b[1m\"\r\n")))))
                .isEqualTo("[1.500,\"o\",\"a\\u001B[1m\\\"\\r\\n\"]\n");
        assertThat(text(Asciicast.resize(2 * SECOND, 100, 30))).isEqualTo("[2.000,\"r\",\"100x30\"]\n");
        assertThat(text(Asciicast.marker(0, "cut"))).isEqualTo("[0.000,\"m\",\"cut\"]\n");
    }

    @Test
    void aCharacterThatAFrameCutsIsPutTogether() {
        byte[] euro = bytes("€");
        assertThat(cast.output(0, new byte[] {euro[0]})).isNull();
        assertThat(cast.output(0, new byte[] {euro[1]})).isNull();
        assertThat(text(Objects.requireNonNull(cast.output(0, new byte[] {euro[2], 'x'}))))
                .contains("\"€x\"");
    }

    @Test
    void whatIsNoUtf8IsReplacedAndNeverStopsTheRecording() {
        assertThat(text(Objects.requireNonNull(cast.output(0, new byte[] {(byte) 0xff, 'x', (byte) 0xc3, 'y'}))))
                .contains("\"\ufffdx\ufffdy\"");
    }
}
