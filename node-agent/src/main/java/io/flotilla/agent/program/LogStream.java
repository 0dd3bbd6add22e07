package io.flotilla.agent.program;

import io.flotilla.agent.link.Stream;
import io.flotilla.agent.link.StreamServer;
import io.flotilla.agent.logs.LogReader;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Frame;
import io.flotilla.protocol.LogQuery;
import io.flotilla.protocol.LogRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Carries log records as NDJSON, and with follow what is still being written. */
final class LogStream implements StreamServer.Serving {

    private static final int BATCH_BYTES = 24 << 10;
    private static final long LOOK_MILLIS = 100;

    private final Path directory;
    private final LogQuery query;
    private final BooleanSupplier over;

    /** @param over whether nothing will be written any more */
    LogStream(Path directory, LogQuery query, BooleanSupplier over) {
        this.directory = directory;
        this.query = query;
        this.over = over;
    }

    @Override
    public void serve(Stream stream) throws InterruptedException {
        try (LogReader reader = LogReader.open(directory, query)) {
            boolean more = true;
            while (more && !stream.isClosed()) {
                // Asked before reading: what was written until then is read in any case.
                boolean last = !query.follow() || over.getAsBoolean();
                more = sendAll(reader, stream) && !last;
                if (more) {
                    Thread.sleep(LOOK_MILLIS);
                }
            }
            stream.close(null);
        } catch (IOException e) {
            stream.close("the logs cannot be read: " + e.getMessage());
        }
    }

    private static boolean sendAll(LogReader reader, Stream stream) throws IOException, InterruptedException {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        Optional<LogRecord> record = reader.next();
        while (record.isPresent()) {
            batch.writeBytes((Codec.encode(record.get()) + "\n").getBytes(StandardCharsets.UTF_8));
            if (batch.size() >= BATCH_BYTES) {
                if (!stream.send(Frame.Type.LOG, batch.toByteArray())) {
                    return false;
                }
                batch.reset();
            }
            record = reader.next();
        }
        return batch.size() == 0 || stream.send(Frame.Type.LOG, batch.toByteArray());
    }
}
