package io.flotilla.agent.observe;

import io.flotilla.protocol.NodeSample;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** How busy this host is, between one reading and the next. For one thread. */
public final class HostLoad {

    /** Fields of the first line of /proc/stat that are not work: idle and iowait (proc_stat(5)). */
    private static final int IDLE = 4;

    private static final int IOWAIT = 5;

    private final Path data;
    private long lastBusy;
    private long lastTotal;

    /** @param data the file system below it is the one whose use is read */
    public HostLoad(Path data) {
        this.data = data;
    }

    /** A reading. The first one has no CPU use, since there is nothing to compare with. */
    public NodeSample read(Instant time, List<NodeSample.Container> containers) throws IOException {
        Meminfo memory = Meminfo.read();
        FileStore store = Files.getFileStore(data);
        long total = store.getTotalSpace();
        return new NodeSample(
                time,
                cpuUsedMillis(),
                memory.totalBytes() - memory.availableBytes(),
                total - store.getUsableSpace(),
                total,
                containers);
    }

    private long cpuUsedMillis() throws IOException {
        String[] fields;
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            fields = lines.findFirst().orElse("cpu").split("\\s+", -1);
        }
        long total = 0;
        long idle = 0;
        // Fields after steal repeat what user and nice have counted already.
        for (int i = 1; i < Math.min(fields.length, 9); i++) {
            long ticks = Long.parseLong(fields[i]);
            total += ticks;
            idle += i == IDLE || i == IOWAIT ? ticks : 0;
        }
        long busy = total - idle;
        long passed = total - lastTotal;
        long used = lastTotal == 0 || passed <= 0
                ? 0
                : (busy - lastBusy) * Runtime.getRuntime().availableProcessors() * 1000 / passed;
        lastBusy = busy;
        lastTotal = total;
        return Math.max(0, used);
    }
}
