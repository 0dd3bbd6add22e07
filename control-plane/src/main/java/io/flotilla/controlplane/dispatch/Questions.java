package io.flotilla.controlplane.dispatch;

import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage.Target;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Mono;

/** Asks nodes what is answered at once and as a whole: about their images, or what is in force for a container. */
@Service
public class Questions {

    private static final int LONGEST_ANSWER = 16 << 20;

    private final Sessions sessions;

    Questions(Sessions sessions) {
        this.sessions = sessions;
    }

    /**
     * Blocking.
     *
     * @param target one whose stream is a single answer as JSON
     * @throws ProblemException if the node is away, does not succeed, or does not answer in time
     */
    public <T> T ask(UUID node, Target target, Class<T> answer, Duration patience) {
        try {
            byte[] json = sessions.open(node, target)
                    .flatMap(Questions::whole)
                    .timeout(
                            patience,
                            Mono.error(() -> new StreamRefused(
                                    "the node did not answer within " + patience.toSeconds() + " s", null)))
                    .block();
            return Codec.decode(new String(json, StandardCharsets.UTF_8), answer);
        } catch (StreamRefused e) {
            throw ProblemException.unavailable(String.valueOf(e.getMessage()));
        }
    }

    /** @throws ProblemException if the node is away, so that nothing need be begun */
    public void requireReachable(UUID node) {
        if (!sessions.connected(node)) {
            throw ProblemException.unavailable(sessions.whyNoSession(node));
        }
    }

    private static Mono<byte[]> whole(AgentStream stream) {
        return stream.frames()
                .reduceWith(ByteArrayOutputStream::new, (all, frame) -> {
                    if (all.size() + frame.payload().length > LONGEST_ANSWER) {
                        throw new StreamRefused("the node answers with more than can be read", null);
                    }
                    all.writeBytes(frame.payload());
                    return all;
                })
                .map(ByteArrayOutputStream::toByteArray);
    }
}
