package io.flotilla.controlplane.audit;

import io.flotilla.controlplane.database.OnDatabaseReady;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Keeps every head of the chain in a file outside of the database, one line {@code seq hash} each, appended and fsynced
 * in batches: whoever alters the table as its owner would have to alter this file, too. Lines are only ever added.
 */
@Component
@Order(-1)
class HeadFile implements OnDatabaseReady, DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(HeadFile.class);

    private final Path file;
    private final AuditStore store;
    private final BlockingQueue<AuditHead> waiting = new LinkedBlockingQueue<>();
    private @Nullable Thread writer;

    HeadFile(Settings settings, AuditStore store, AuditLog log) {
        this.file = settings.privateDirectory().resolve("audit-heads");
        this.store = store;
        log.onHead(waiting::add);
    }

    Path file() {
        return file;
    }

    /** Adds the database's head, whose line a crash may have prevented, and begins to write. */
    @Override
    public synchronized void databaseReady() {
        AuditHead head = store.head();
        if (head.seq() > 0) {
            waiting.add(head);
        }
        if (writer == null) {
            writer = Thread.ofVirtual().name("audit-heads").start(this::write);
        }
    }

    private void write() {
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            if (channel.size() > 0) {
                // Ends a line that a crash may have cut short; an empty line means nothing.
                append(channel, "\n");
            }
            while (!Thread.currentThread().isInterrupted()) {
                List<AuditHead> batch = new ArrayList<>(List.of(waiting.take()));
                waiting.drainTo(batch);
                StringBuilder lines = new StringBuilder();
                batch.forEach(head ->
                        lines.append(head.seq()).append(' ').append(head.hash()).append('\n'));
                append(channel, lines.toString());
                channel.force(false);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // Not fatal: the log itself is in the database, and verify tells how many heads it compared.
            LOG.error("audit heads can no longer be kept in {}", file, e);
        }
    }

    private static void append(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    Heads read() {
        try {
            return Heads.read(file);
        } catch (IOException e) {
            throw new UncheckedIOException("read the kept audit heads " + file, e);
        }
    }

    @Override
    public void destroy() throws InterruptedException {
        Thread running = writer;
        if (running != null) {
            long deadline = System.nanoTime() + 1_000_000_000L;
            while (!waiting.isEmpty() && System.nanoTime() - deadline < 0) {
                Thread.onSpinWait();
            }
            running.interrupt();
            running.join(1_000);
        }
    }
}
