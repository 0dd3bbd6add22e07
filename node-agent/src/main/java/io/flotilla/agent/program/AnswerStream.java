package io.flotilla.agent.program;

import io.flotilla.agent.link.Stream;
import io.flotilla.agent.link.StreamServer;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Frame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Sends one answer as JSON. */
record AnswerStream(Object answer) implements StreamServer.Serving {

    private static final int PIECE = 24 << 10;

    @Override
    public void serve(Stream stream) throws InterruptedException {
        byte[] json = Codec.encode(answer).getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < json.length; from += PIECE) {
            if (!stream.send(Frame.Type.STDOUT, Arrays.copyOfRange(json, from, Math.min(json.length, from + PIECE)))) {
                return;
            }
        }
        stream.close(null);
    }
}
