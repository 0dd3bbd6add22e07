package io.flotilla.controlplane.dispatch;

import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage.Target;
import io.flotilla.protocol.NodeImages;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Mono;

/** Asks nodes about their images. */
@Service
public class ImageQuestions {

    /** Deleting many large layers takes a while. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final int LONGEST_ANSWER = 16 << 20;

    private final Sessions sessions;

    ImageQuestions(Sessions sessions) {
        this.sessions = sessions;
    }

    /**
     * Has the node do what is asked, and tells of its images afterwards. Blocking.
     *
     * @throws ProblemException if the node is away, or does not succeed
     */
    public NodeImages ask(UUID node, NodeImages.Request request) {
        try {
            byte[] answer = sessions.open(node, new Target.Images(request))
                    .flatMap(ImageQuestions::whole)
                    .block(PATIENCE);
            return Codec.decode(new String(answer, StandardCharsets.UTF_8), NodeImages.class);
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
                        throw new StreamRefused("the node tells more of its images than can be read", null);
                    }
                    all.writeBytes(frame.payload());
                    return all;
                })
                .map(ByteArrayOutputStream::toByteArray);
    }
}
