package io.flotilla.controlplane.dispatch;

import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.AppliedState;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage.Target;
import io.flotilla.protocol.Frame;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Mono;

/** Asks nodes what is in force for their containers. Nothing of it is kept: only the kernel knows it. */
@Service
public class AppliedStates {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Sessions sessions;

    AppliedStates(Sessions sessions) {
        this.sessions = sessions;
    }

    /** @return fails with a {@link ProblemException} that says why, if the allocation does not run or its node is away */
    public Mono<AppliedState> of(AllocationView allocation) {
        UUID node = allocation.nodeId();
        if (node == null) {
            return Mono.error(ProblemException.conflict(
                    null, "allocation " + allocation.id() + " is pending; it has no node yet"));
        }
        return sessions.open(node, new Target.Applied(allocation.id()))
                .flatMapMany(AgentStream::frames)
                .filter(frame -> frame.type() == Frame.Type.LOG)
                .collect(ByteArrayOutputStream::new, (all, frame) -> all.writeBytes(frame.payload()))
                .map(all -> Codec.decode(all.toString(StandardCharsets.UTF_8), AppliedState.class))
                .timeout(PATIENCE)
                .onErrorMap(StreamRefused.class, e -> ProblemException.unavailable(String.valueOf(e.getMessage())))
                .onErrorMap(
                        TimeoutException.class,
                        e -> ProblemException.unavailable("the node did not answer within 10 s"));
    }
}
