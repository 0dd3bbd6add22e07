package io.flotilla.controlplane.ui.logs;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.dispatch.AgentStream;
import io.flotilla.controlplane.dispatch.Sessions;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage.Target;
import io.flotilla.protocol.Frame;
import io.flotilla.protocol.LogQuery;
import io.flotilla.protocol.LogRecord;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Reads an allocation's log records from its node. The node sends only as fast as the reader takes them. */
@Component
class LogReader {

    private final Sessions sessions;
    private final Allocations allocations;
    private final Scheduler blocking;

    LogReader(Sessions sessions, Allocations allocations, Scheduler blocking) {
        this.sessions = sessions;
        this.allocations = allocations;
        this.blocking = blocking;
    }

    Flux<LogRecord> read(Actor actor, UUID allocation, LogQuery query) {
        return Mono.fromCallable(() -> node(actor, allocation))
                .subscribeOn(blocking)
                .flatMap(node -> sessions.open(node, new Target.Logs(allocation, query)))
                .flatMapMany(AgentStream::frames)
                .filter(frame -> frame.type() == Frame.Type.LOG)
                .concatMapIterable(new Lines()::records, 1);
    }

    private UUID node(Actor actor, UUID allocation) {
        UUID node = allocations.get(actor, allocation).nodeId();
        if (node == null) {
            throw ProblemException.unavailable("it has not been placed on a node");
        }
        return node;
    }

    /** Puts lines together that were cut by frames. */
    private static final class Lines {

        private final ByteArrayOutputStream rest = new ByteArrayOutputStream();

        List<LogRecord> records(Frame frame) {
            List<LogRecord> records = new ArrayList<>();
            for (byte b : frame.payload()) {
                if (b == '\n') {
                    String line = rest.toString(StandardCharsets.UTF_8);
                    rest.reset();
                    if (!line.isBlank()) {
                        records.add(Codec.decode(line, LogRecord.class));
                    }
                } else {
                    rest.write(b);
                }
            }
            return records;
        }
    }
}
