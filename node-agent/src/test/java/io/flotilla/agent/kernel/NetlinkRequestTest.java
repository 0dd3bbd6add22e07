package io.flotilla.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class NetlinkRequestTest {

    private static NetlinkReply.Body body(NetlinkRequest request) {
        byte[] bytes = request.encode(7);
        return NetlinkReply.Body.of(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()), 16, bytes.length - 16);
    }

    @Test
    void headerHoldsLengthTypeFlagsAndSequence() {
        byte[] bytes =
                new NetlinkRequest("test", "", 16, NetlinkRequest.ACK).u8(2).encode(7);
        var header = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        assertThat(bytes).hasSize(20);
        assertThat(header.getInt(0)).isEqualTo(20);
        assertThat(header.getShort(4)).isEqualTo((short) 16);
        assertThat(header.getShort(6)).isEqualTo((short) 5);
        assertThat(header.getInt(8)).isEqualTo(7);
    }

    @Test
    void attributesAreReadBackAsTheyWereWritten() {
        var request = new NetlinkRequest("test", "", 16, 0)
                .u32(1)
                .attribute(3, "eth0")
                .attributeU32(4, 1500)
                .nest(18, info -> info.attribute(1, "veth").nest(2, data -> data.attribute(1, (byte) 9)))
                .attributeU32NetworkOrder(5, 1);
        var attributes = body(request).attributes(4);
        var info = attribute(attributes, 18).attributes(0);
        var data = attribute(info, 2).attributes(0);
        assertThat(attributes).containsOnlyKeys(3, 4, 18, 5);
        assertThat(attribute(attributes, 3).array()).isEqualTo("eth0\0".getBytes(StandardCharsets.US_ASCII));
        assertThat(attribute(attributes, 4).u32(0)).isEqualTo(1500);
        assertThat(attribute(attributes, 5).array()).containsExactly(0, 0, 0, 1);
        assertThat(attribute(info, 1).array()).hasSize(5);
        assertThat(attribute(data, 1).u8(0)).isEqualTo(9);
    }

    private static NetlinkReply.Body attribute(Map<Integer, NetlinkReply.Body> attributes, int type) {
        return Objects.requireNonNull(attributes.get(type));
    }

    @Test
    void growsWithItsContent() {
        var request = new NetlinkRequest("test", "", 16, 0);
        for (int i = 0; i < 1000; i++) {
            request.attribute(1, new byte[13]);
        }
        assertThat(request.encode(1)).hasSize(16 + 1000 * 20);
    }

    @Test
    void damagedAttributesEndTheReading() {
        var body = NetlinkReply.Body.of(
                ByteBuffer.wrap(new byte[] {2, 0, 1, 0, 9, 9, 9, 9}).order(ByteOrder.nativeOrder()), 0, 8);
        assertThat(body.attributes(0)).isEmpty();
    }
}
