package io.flotilla.agent.program;

import io.flotilla.agent.link.Stream;
import io.flotilla.agent.link.StreamServer;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Frame;
import java.nio.charset.StandardCharsets;

/** Sends one answer as JSON. */
record AnswerStream(Object answer) implements StreamServer.Serving {

    @Override
    public void serve(Stream stream) throws InterruptedException {
        if (stream.send(Frame.Type.STDOUT, Codec.encode(answer).getBytes(StandardCharsets.UTF_8))) {
            stream.close(null);
        }
    }
}
